import CoreMetrics
import Logging
import MetricsTestKit
import TestSupport
import Testing

@testable import EventServer
@testable import Middleware

@Suite("The metrics of a server", .timeLimit(.minutes(1)))
struct ServerMetricsTests {
    private struct Text: Responder {
        func respond(to request: Request) async -> Response { .text("ok") }
    }

    @Test("count connections, and refused requests by their codes")
    func counts() async throws {
        let backend = TestMetrics()
        var configuration = ServerConfiguration()
        configuration.port = 0
        let server = HTTPServer(
            configuration: configuration,
            responder: Text(),
            logger: LogRecorder().makeLogger(),
            observer: ServerMetrics(factory: backend)
        )
        let port = try server.bind().port
        let running = Task { try await server.run() }
        try await onThread {
            for request in ["GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "x\n"] {
                let connection = try RawConnection(port: port)
                try connection.send(request)
                _ = try connection.receiveToEnd()
            }
        }
        running.cancel()
        try await running.value
        #expect(try backend.expectCounter("baton.connections.opened").totalValue == 3)
        #expect(try backend.expectCounter("baton.connections.closed").totalValue == 3)
        #expect(try backend.expectCounter("baton.requests.refused", [("code", "H1-HOST-MISSING")]).totalValue == 1)
        #expect(backend.counterTotal(label: "baton.requests.refused") == 2)
        #expect(backend.counterTotal(label: "baton.requests.shed") == 0)
    }

    @Test("count what is refused for want of time or room, and how long a loop was blocked")
    func overload() throws {
        let backend = TestMetrics()
        let metrics = ServerMetrics(factory: backend)
        metrics.requestShed()
        metrics.connectionRefused()
        metrics.loopBlocked(for: .milliseconds(700))
        #expect(try backend.expectCounter("baton.requests.shed").totalValue == 1)
        #expect(try backend.expectCounter("baton.connections.refused").totalValue == 1)
        #expect(try backend.expectTimer("baton.loop.blocked").lastValue == 700_000_000)
    }
}
