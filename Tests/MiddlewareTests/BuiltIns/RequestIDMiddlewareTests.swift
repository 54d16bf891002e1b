import ContextPool
import EventServer
import HTTPTypes
import Logging
import Middleware
import TestSupport
import Testing

@Suite struct RequestIDMiddlewareTests {

    private func respond(
        _ fields: [String] = [],
        options json: String = "{}",
        _ handler: @escaping Handler = { _, context in .text(context.g.requestID ?? "none") }
    ) async throws -> Response {
        let middleware = try RequestIDMiddleware(options: options(json))
        return try await TestExchange().send(.test(fields: fields), through: [middleware], handler)
    }

    @Test(arguments: ["a", "7f3e-1.2:3_4", String(repeating: "x", count: 128)])
    func `a well-formed id is kept, in g and in the response`(_ id: String) async throws {
        let response = try await respond(["X-Request-ID: \(id)"])
        #expect(response.text == id)
        #expect(response.header("x-request-id") == id)
    }

    @Test(arguments: [
        "", "a b", "a\"b", "a,b", "a/b", "a\tb", "é", "<script>", "a%0d%0ab", "$(id)", "a=b",
        String(repeating: "x", count: 129),
        "\u{80}",
    ])
    func `any other id is replaced`(_ id: String) async throws {
        let response = try await respond(["X-Request-ID: \(id)"])
        #expect(response.text != id)
        #expect(response.text.utf8.count == 13)
        #expect(response.header("x-request-id") == response.text)
    }

    @Test func `every request without one gets an id of its own`() async throws {
        let middleware = try RequestIDMiddleware(options: options("{}"))
        let exchange = try TestExchange()
        var ids: Set<String> = []
        for _ in 0..<1000 {
            ids.insert(await exchange.send(try .test(), through: [middleware]).header("x-request-id") ?? "")
        }
        #expect(ids.count == 1000)
        #expect(ids.allSatisfy { $0.utf8.count == 13 })
    }

    @Test func `an id is in the response of an error, too`() async throws {
        let response = try await respond(["X-Request-ID: abc"]) { _, _ in throw HTTPError(.notFound) }
        #expect(response.status == .notFound)
        #expect(response.header("x-request-id") == "abc")
    }

    @Test func `with acceptIncoming off an id is always made`() async throws {
        let response = try await respond(["X-Request-ID: abc"], options: #"{"acceptIncoming": false}"#)
        #expect(response.text != "abc")
    }

    @Test func `the header can be another one`() async throws {
        let response = try await respond(
            ["Correlation: abc", "X-Request-ID: no"],
            options: #"{"header": "Correlation"}"#
        )
        #expect(response.header("correlation") == "abc")
        #expect(response.header("x-request-id") == nil)
    }

    @Test(arguments: ["", "a b", "a:b", "ä", "a\\r\\nb"])
    func `a header name that is none stops the start`(_ name: String) throws {
        let error = try #require(throws: OptionsError.self) {
            try RequestIDMiddleware(options: options("{\"header\": \"\(name)\"}"))
        }
        #expect(error.key == "header")
    }

    @Test func `the id is in the log lines of the request and of its jobs`() async throws {
        let exchange = try TestExchange()
        let middleware = try RequestIDMiddleware(options: options("{}"))
        await exchange.send(try .test(fields: ["x-request-id: abc"]), through: [middleware]) { _, context in
            context.logger.info("handler")
            let logger = context.logger
            try await context.pool.submit { logger.info("job") }.value
            try await context.pool.submit { () async in logger.info("async job") }.value
            return .text("ok")
        }
        #expect(exchange.logs.lines.map(\.message) == ["handler", "job", "async job"])
        #expect(exchange.logs.lines.allSatisfy { $0.metadata["request-id"] == "abc" })
    }
}
