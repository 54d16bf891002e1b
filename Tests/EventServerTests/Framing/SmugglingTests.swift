import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import EventServer

/// Real proxies in front: no bytes may make them and the server disagree on what is a request.
@Suite("A proxy in front", .timeLimit(.minutes(3)))
struct SmugglingTests {
    /// What the server took for whole requests, by their paths.
    private final class Seen: Sendable {
        private let paths = Mutex<[String]>([])

        func add(_ path: String) { paths.withLock { $0.append(path) } }

        func take() -> [String] {
            paths.withLock { paths in
                defer { paths = [] }
                return paths
            }
        }
    }

    @Test(
        "sees as many requests as the server, whatever is sent, and the next client gets its own answer",
        .enabled(if: FrontProxy.all.allSatisfy(\.isInstalled), "nginx and HAProxy are not installed: make setup-tests"),
        arguments: FrontProxy.all
    )
    func agrees(_ proxy: FrontProxy) async throws {
        let seen = Seen()
        try await TestServer.run {
            $0.loops = 1
        } answer: { request in
            do throws(RequestBodyError) { _ = try await request.body.collect() } catch {
                // A request that the proxy cut off is none that could be smuggled.
                return .text("\(error)", status: .badRequest)
            }
            seen.add(request.path)
            var response = Response.text("answer: \(request.path)\n")
            if let name = HTTPField.Name("x-answer") { response.headers[name] = request.path }
            return response
        } _: { server in
            // The proxy's patience does not begin before the server runs.
            _ = try await server.exchange("GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = seen.take()
            try await onThread {
                try proxy.run(before: server.port) { port in
                    var passedOn = 0
                    for (number, payload) in SmugglingPayloads.all.enumerated() {
                        let text = try Self.send(payload, port: port)
                        let answers = Self.answers(in: text)
                        let note = Comment("\(String(decoding: payload, as: UTF8.self).debugDescription): \(text)")
                        #expect(seen.take() == answers, note)
                        passedOn += answers.count

                        let innocent = "/innocent/\(number)"
                        let request = "GET \(innocent) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                        let answer = try Self.send(Array(request.utf8), port: port)
                        #expect(Self.answers(in: answer) == [innocent], note)
                        #expect(seen.take() == [innocent], note)
                    }
                    // A proxy that refuses everything would prove nothing.
                    #expect(passedOn > SmugglingPayloads.all.count / 4)
                }
            }
        }
    }

    @Test("the payloads are some hundred")
    func payloads() { #expect(SmugglingPayloads.all.count > 400) }

    /// All that comes back until the proxy closes; its short timeouts see to it that it does.
    private static func send(_ bytes: [UInt8], port: Int) throws -> String {
        let connection = try RawConnection(port: port)
        try? connection.send(bytes)
        // With nothing more to come, a proxy that waits for more need not.
        connection.finishSending()
        var received: [UInt8] = []
        while let more = try? connection.receive(), !more.isEmpty { received += more }
        return String(decoding: received, as: UTF8.self)
    }

    /// The paths that the server answered; an answer to HTTP/0.9 is content alone.
    private static func answers(in text: String) -> [String] {
        let mark = text.hasPrefix("HTTP/") ? "x-answer: " : "answer: "
        return text.split { $0.isNewline }.filter { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) }
    }
}
