import HTTPTypes
import Logging
import Synchronization
import TestSupport
import Testing

@testable import EventServer

@Suite("A connection that answers", .timeLimit(.minutes(1)))
struct ConnectionAnswerTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    /// A response that would break the rules.
    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let response: @Sendable () -> Response
    }

    static let wrong = [
        Wrong(testDescription: "a length that is too small") {
            Response(status: .ok, headers: [.contentLength: "2"], body: Array("secret".utf8))
        },
        Wrong(testDescription: "two lengths") {
            var response = Response(status: .ok, body: Array("secret".utf8))
            response.headers.append(HTTPField(name: .contentLength, value: "6"))
            response.headers.append(HTTPField(name: .contentLength, value: "7"))
            return response
        },
        Wrong(testDescription: "a transfer encoding") {
            Response(status: .ok, headers: [.transferEncoding: "chunked"], body: Array("secret".utf8))
        },
        Wrong(testDescription: "a length of a stream without one") {
            Response(
                status: .ok,
                headers: [.contentLength: "6"],
                body: .stream { _ in Issue.record("the producer of a wrong response has run") }
            )
        },
        Wrong(testDescription: "a line end in a value") {
            Response(status: .ok, headers: [.location: "/\r\nSet-Cookie: a=secret\r\n\r\n<p>"])
        },
        Wrong(testDescription: "a line feed at the end of a value") {
            Response(status: .ok, headers: [.server: "secret\n"])
        },
        Wrong(testDescription: "a NUL in one of several values") {
            var response = Response(status: .ok)
            response.headers.append(name: .setCookie, value: "a=secret")
            response.headers.append(name: .setCookie, value: "b=\0")
            return response
        },
        Wrong(testDescription: "an interim status") { Response(status: .init(code: 101), body: Array("secret".utf8)) },
    ]

    @Test("sends 500 in the place of a wrong response, says why, and goes on", arguments: wrong)
    func wrongResponse(wrong: Wrong) async throws {
        let outcomes = Mutex<[ResponseOutcome]>([])
        try await TestServer.run { _ in
        } answer: { request in
            guard request.path == "/" else { return .text("next") }
            var response = wrong.response()
            response.whenSent { outcome in outcomes.withLock { $0.append(outcome) } }
            return response
        } _: { server in
            try await server.connect { connection in
                try connection.send(Self.get + "GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                let text = try connection.receiveToEnd()
                #expect(text.statuses == [500, 200])
                #expect(!text.contains("secret"))
                #expect(text.hasSuffix("\r\n\r\nnext"))
            }
            let lines = server.logs.lines.filter { $0.message == "response refused" }
            #expect(lines.map(\.level) == [.error])
            #expect(lines.first?.metadata["path"] == "/")
            #expect(lines.first?.metadata["reason"]?.isEmpty == false)
        }
        #expect(outcomes.withLock { $0.map(\.status) } == [.internalServerError])
    }

    @Test("names the field in whose value a line end or a NUL stands", arguments: ["a\r\nb: c", "a\r", "\na", "a\0"])
    func lineEnds(value: String) async throws {
        let answer: @Sendable (Request) async -> Response = { _ in
            Response(status: .ok, headers: [.contentType: "text/plain", .location: value])
        }
        try await TestServer.answering(answer) { server in
            let response = try await server.exchange(Self.get)
            #expect(response.status == 500)
            #expect(response.headers["location"] == nil)
            #expect(response.headers["b"] == nil)
            #expect(response.body == "500 Internal Server Error\n")
            let line = try #require(server.logs.lines.first { $0.message == "response refused" })
            #expect(line.metadata["reason"]?.hasPrefix("The value of Location has a control character") == true)
        }
    }

    @Test("sends nothing that HTTPField has made a blank of as a line end")
    func blanks() async throws {
        let answer: @Sendable (Request) async -> Response = { _ in
            var response = Response(status: .ok)
            response.headers.append(HTTPField(name: .location, value: "/\r\nSet-Cookie: a=b"))
            return response
        }
        try await TestServer.answering(answer) { server in
            let response = try await server.exchange(Self.get)
            #expect(response.headers["location"] == "/  Set-Cookie: a=b")
            #expect(response.headers["set-cookie"] == nil)
        }
    }

    @Test("closes where the handler asks for it, and processes no request behind")
    func handlerCloses() async throws {
        try await TestServer.answering { request in
            #expect(request.path == "/last")
            return Response(status: .ok, headers: [.connection: "close"], body: Array("last".utf8))
        } during: { server in
            try await server.connect { connection in
                try connection.send("GET /last HTTP/1.1\r\nHost: x\r\n\r\n" + Self.get)
                let response = try connection.receiveResponse()
                #expect(response.headers["connection"] == "close")
                #expect(response.body == "last")
                #expect(try connection.receiveToEnd() == "")
            }
        }
    }

    @Test("closes after as many requests as a connection may bring", arguments: [1, 3])
    func requestsPerConnection(limit: Int) async throws {
        try await TestServer.run {
            $0.requestsPerConnection = limit
        } answer: {
            .text($0.path)
        } _: { server in
            try await server.connect { connection in
                try connection.send(String(repeating: Self.get, count: limit + 2))
                for number in 1...limit {
                    let response = try connection.receiveResponse()
                    #expect(response.headers["connection"] == (number == limit ? "close" : nil))
                }
                #expect(try connection.receiveToEnd() == "")
            }
        }
    }
}
