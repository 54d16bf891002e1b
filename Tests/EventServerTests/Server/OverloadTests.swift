import HTTPTypes
import TestSupport
import Testing

@testable import EventServer

@Suite("A server with more to do than time", .timeLimit(.minutes(1)))
struct OverloadTests {
    private static func get(_ path: String) -> String {
        "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    }

    @Test("refuses with 503 and Retry-After, serves health checks all the same, and recovers")
    func sheds() async throws {
        let (isBlocked, allHaveSent) = (Gate(), Gate())
        try await TestServer.run {
            $0.loops = 1
            $0.overload.queueTime = .milliseconds(20)
            $0.overload.exempt = ["/alive"]
        } answer: { request in
            switch request.path {
            case "/first":
                isBlocked.open()
                hold(allHaveSent)
            case "/slow": block()
            default: break
            }
            return .text(request.path)
        } _: { server in
            async let first = server.exchange(Self.get("/first"))
            await isBlocked.opened()
            // Not one body is waited for: who is refused is told so before.
            let post = "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
            let waiting = try await onThread {
                try (0..<40)
                    .map { number in
                        let connection = try RawConnection(port: server.port)
                        try connection.send(number % 2 == 0 ? Self.get("/slow") : post)
                        return Waiting(connection)
                    }
            }
            let health = try await onThread {
                let connection = try RawConnection(port: server.port)
                try connection.send(Self.get("/alive"))
                return Waiting(connection)
            }
            allHaveSent.open()
            let firstStatus = try await first.status
            #expect(firstStatus == 200)
            let responses = try await onThread { try waiting.map { try $0.connection.receiveResponse() } }
            let refused = responses.filter { $0.status == 503 }
            #expect(responses.first?.status == 200)
            #expect(!refused.isEmpty)
            #expect(refused.allSatisfy { $0.headers["retry-after"] == "1" })
            #expect(responses.allSatisfy { [200, 503].contains($0.status) })
            #expect(try await onThread { try health.connection.receiveResponse().status } == 200)
            #expect(try await server.exchange(Self.get("/again")).status == 200)
            let messages = server.logs.lines.map(\.message)
            #expect(messages.contains("requests wait too long: new ones get 503"))
            #expect(messages.contains("requests are served in time again"))
        }
    }

    @Test("does not refuse a client that has waited for nobody but itself")
    func onlyClient() async throws {
        try await TestServer.run {
            $0.loops = 1
            $0.overload.queueTime = .milliseconds(20)
        } answer: { _ in
            block()
            return .text("done")
        } _: { server in
            try await server.connect { connection in
                // Longer in all than a loop has to be late until it refuses.
                for _ in 0..<15 {
                    try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    #expect(try connection.receiveResponse().status == 200)
                }
            }
        }
    }

    /// A connection that is used by one thread after the other.
    private final class Waiting: @unchecked Sendable {
        let connection: RawConnection

        init(_ connection: RawConnection) { self.connection = connection }
    }
}
