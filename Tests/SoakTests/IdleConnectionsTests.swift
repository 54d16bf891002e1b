import Foundation
import TestSupport
import Testing

@Suite("Idle connections", .enabled(if: Soak.isWanted, Soak.reason), .timeLimit(.minutes(5)))
struct IdleConnectionsTests {
    @Test("are held by the thousand, for less than 2 KiB each, and served later")
    func held() async throws {
        try await onThread {
            let server = try ServerProcess()
            let count = 15_000
            var client = SteadyClient()
            for _ in 0..<100 { try client.ask(port: server.port) }
            let before = try server.residentSize()
            var connections: [RawConnection] = []
            for _ in 0..<count {
                let connection = try RawConnection(port: server.port)
                // Each has been served once, as those have been that wait between two requests.
                try client.ask(port: server.port, over: connection)
                connections.append(connection)
            }
            // Buffers are given back by a tick each second, of which nobody is told: what counts is what is left then.
            Thread.sleep(forTimeInterval: 3)
            let size = (try server.residentSize() - before) / count
            print("idle connections: \(count) held, \(size) bytes of memory each")
            var late = SteadyClient()
            for connection in connections { try late.ask(port: server.port, over: connection) }
            print("idle connections: served afterwards, \(late.summary)")
            #expect(server.isRunning)
            #expect(size < 2048)
        }
    }
}
