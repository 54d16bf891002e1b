import HTTPTypes
import TestSupport
import Testing

@testable import EventServer

@Suite("A connection", .timeLimit(.minutes(1)))
struct ConnectionTests {
    /// Waits for the gate on `/slow`, and tells the path of every request.
    private static func echo(slow gate: Gate? = nil) -> @Sendable (Request) async -> Response {
        { request in
            if request.path == "/slow" { await gate?.opened() }
            return .text(request.path)
        }
    }

    private static func get(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n"
    }

    @Test("serves one request after the other")
    func keepAlive() async throws {
        try await TestServer.run(answer: Self.echo()) { server in
            try await server.connect { connection in
                for number in 0..<100 {
                    try connection.send(Self.get("/\(number)"))
                    let response = try connection.receiveResponse()
                    #expect(response.statusLine == "HTTP/1.1 200 OK")
                    #expect(response.body == "/\(number)")
                    #expect(response.headers["connection"] == nil)
                }
            }
        }
    }

    /// A request, and what becomes of its connection.
    struct Ending: Sendable, CustomTestStringConvertible {
        let request: String
        let connection: String?
        let closes: Bool
        var testDescription: String { request.debugDescription }
    }

    static let endings = [
        Ending(request: "GET / HTTP/1.0\r\n\r\n", connection: "close", closes: true),
        Ending(request: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", connection: "keep-alive", closes: false),
        Ending(
            request: "GET / HTTP/1.0\r\nConnection: te, Keep-Alive\r\n\r\n",
            connection: "keep-alive",
            closes: false
        ),
        Ending(request: get("/", "Connection: close\r\n"), connection: "close", closes: true),
        Ending(request: get("/", "Connection: te, Close\r\n"), connection: "close", closes: true),
        Ending(request: get("/", "Connection: closer\r\n"), connection: nil, closes: false),
        Ending(request: get("/"), connection: nil, closes: false),
    ]

    @Test("closes after a request where the client wants it", arguments: endings)
    func closes(ending: Ending) async throws {
        try await TestServer.run(answer: Self.echo()) { server in
            try await server.connect { connection in
                try connection.send(ending.request)
                let response = try connection.receiveResponse()
                #expect(response.status == 200)
                #expect(response.headers["connection"] == ending.connection)
                if ending.closes {
                    #expect(try connection.receive().isEmpty)
                } else {
                    try connection.send(Self.get("/next"))
                    #expect(try connection.receiveResponse().body == "/next")
                }
            }
        }
    }

    @Test("sends no body in answer to HEAD")
    func head() async throws {
        try await TestServer.run(answer: Self.echo()) { server in
            try await server.connect { connection in
                try connection.send("HEAD /long HTTP/1.1\r\nHost: x\r\n\r\n" + Self.get("/next"))
                #expect(try connection.receiveResponse(toHead: true).headers["content-length"] == "5")
                #expect(try connection.receiveResponse().body == "/next")
            }
        }
    }

    @Test("answers pipelined requests in order, with a slow one among them")
    func pipelined() async throws {
        let gate = Gate()
        try await TestServer.run(answer: Self.echo(slow: gate)) { server in
            try await server.connect { connection in
                let paths = (0..<20).map { $0 == 10 ? "/slow" : "/\($0)" }
                try connection.send(paths.map { Self.get($0) }.joined())
                for path in paths {
                    if path == "/slow" { gate.open() }
                    #expect(try connection.receiveResponse().body == path)
                }
            }
        }
    }

    @Test("answers pipelined requests that all suspend, in order")
    func pipelinedAsync() async throws {
        try await TestServer.answering { request in
            for _ in 0..<request.path.utf8.count % 5 { await Task.yield() }
            return .text(request.path)
        } during: { server in
            try await server.connect { connection in
                let paths = (0..<500).map { "/\(String(repeating: "a", count: $0 % 7))\($0)" }
                try connection.send(paths.map { Self.get($0) }.joined())
                for path in paths { #expect(try connection.receiveResponse().body == path) }
            }
        }
    }

    @Test("takes more pipelined requests than its buffers hold, while a slow one runs")
    func pipelinedBeyondReadAhead() async throws {
        let gate = Gate()
        try await TestServer.run(answer: Self.echo(slow: gate)) { server in
            let receiver = try await server.connect { connection in
                // 400 KB behind the slow one: more than is read ahead, less than the kernel holds.
                let filler = "A: \(String(repeating: "a", count: 2000))\r\n"
                try connection.send(Self.get("/slow") + (0..<200).map { Self.get("/\($0)", filler) }.joined())
                gate.open()
                #expect(try connection.receiveResponse().body == "/slow")
                for number in 0..<200 { #expect(try connection.receiveResponse().body == "/\(number)") }
                return true
            }
            #expect(receiver)
        }
    }

    @Test("answers pipelined requests whose responses fill its output many times")
    func pipelinedBeyondOutput() async throws {
        let body = String(repeating: "b", count: 50_000)
        try await TestServer.answering { _ in
            .text(body)
        } during: { server in
            try await server.connect { connection in
                try connection.send(String(repeating: Self.get("/"), count: 200))
                for _ in 0..<200 { #expect(try connection.receiveResponse().body.utf8.count == 50_000) }
                try connection.send(Self.get("/"))
                #expect(try connection.receiveResponse().status == 200)
            }
        }
    }

    @Test("reads a header section larger than what it reads ahead, where the limits allow one")
    func largeHeader() async throws {
        try await TestServer.run {
            $0.limits.header = 1_000_000
        } answer: { request in
            .text("\(request.headers.count)")
        } _: { server in
            try await server.connect { connection in
                let filler = "A: \(String(repeating: "a", count: 5000))\r\n"
                for _ in 0..<2 {
                    try connection.send(Self.get("/", String(repeating: filler, count: 60)))
                    #expect(try connection.receiveResponse().body == "61")
                }
            }
        }
    }

    @Test("answers a client that has said all it will say")
    func halfClose() async throws {
        let gate = Gate()
        try await TestServer.run(answer: Self.echo(slow: gate)) { server in
            try await server.connect { connection in
                try connection.send(Self.get("/1") + Self.get("/slow") + Self.get("/3"))
                connection.finishSending()
                #expect(try connection.receiveResponse().body == "/1")
                gate.open()
                #expect(try connection.receiveResponse().body == "/slow")
                #expect(try connection.receiveResponse().body == "/3")
                #expect(try connection.receive().isEmpty)
            }
        }
    }

    @Test(
        "that ends within a request is closed without an answer",
        arguments: ["", "GET", "GET / HTTP/1.1\r\nHost: x\r\n"]
    )
    func endsEarly(text: String) async throws {
        try await TestServer.run { server in
            try await server.connect { connection in
                try connection.send(text)
                connection.finishSending()
                #expect(try connection.receiveToEnd() == "")
            }
        }
    }

    @Test("that is reset cancels the task of its request, and gives the response up")
    func reset() async throws {
        let started = Gate()
        let cancelled = Gate()
        let ended = Gate()
        try await TestServer.answering { _ in
            started.open()
            await untilCancelled()
            if Task.isCancelled { cancelled.open() }
            var response = Response.text("late")
            response.whenSent { outcome in if !outcome.isDelivered { ended.open() } }
            return response
        } during: { server in
            try await server.connect { connection in
                try connection.send(Self.get("/"))
                started.wait()
                connection.reset()
            }
            await cancelled.opened()
            await ended.opened()
        }
    }

    @Test("tells each response that it was sent, in order")
    func whenSent() async throws {
        let (events, event) = AsyncStream.makeStream(of: String.self)
        try await TestServer.answering { request in
            var response = Response.text(request.path)
            response.whenSent { outcome in event.yield("\(request.path) \(outcome.bodySize) \(outcome.isDelivered)") }
            return response
        } during: { server in
            try await server.connect { connection in
                try connection.send(Self.get("/1") + "HEAD /2 HTTP/1.1\r\nHost: x\r\n\r\n" + Self.get("/3"))
                _ = try connection.receiveResponse()
                _ = try connection.receiveResponse(toHead: true)
                _ = try connection.receiveResponse()
            }
            // Told after the client has it all, so that the end of this test's talk is not the end of the events.
            #expect(
                await events.prefix(3).reduce(into: []) { $0.append($1) } == ["/1 2 true", "/2 0 true", "/3 2 true"]
            )
        }
    }

    @Test("that refuses a request answers once, with code and reason, and closes")
    func refuses() async throws {
        try await TestServer.run { server in
            try await server.connect { connection in
                try connection.send(Self.get("/good") + "GET / HTTP/9.9\r\n\r\n" + Self.get("/never"))
                let text = try connection.receiveToEnd()
                #expect(text.statuses == [200, 505])
                #expect(text.contains("H1-VERSION-UNSUPPORTED"))
            }
            #expect(server.logs.lines.contains { $0.metadata["code"] == "H1-VERSION-UNSUPPORTED" })
        }
    }

    @Test("leaves no connection for a request that came with the last answer")
    func pipelinedAfterClose() async throws {
        try await TestServer.run(answer: Self.echo()) { server in
            try await server.connect { connection in
                // Far more than the server reads at once: closing on unread bytes would reset the connection.
                let rest = String(repeating: Self.get("/never"), count: 8000)
                try? connection.send(Self.get("/last", "Connection: close\r\n") + rest)
                let text = try connection.receiveToEnd()
                #expect(text.statuses == [200])
                #expect(text.hasSuffix("/last"))
            }
        }
    }
}
