import TestSupport
import Testing

@testable import App

@Suite(.timeLimit(.minutes(1))) struct TimeSignalTests {
    @Test func theTimeComesAsEvents() async throws {
        try await DemoApplication.run { app in
            try await onThread {
                let connection = try RawConnection(port: app.port)
                try connection.send("GET /time HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try connection.receive(until: "\r\n\r\n").contains("text/event-stream"))
                for _ in 0..<2 { #expect(try connection.receive(until: "Z\n\n\r\n").contains("data: 20")) }
            }
        }
    }
}
