import ContextPool
import EventServer
import HTTPTypes
import Logging
import Middleware
import TestSupport
import Testing

@Suite struct AccessLogMiddlewareTests {
    private let exchange: TestExchange
    private let chain: [any Middleware]

    init() throws {
        exchange = try TestExchange()
        chain = [
            try RequestIDMiddleware(options: options("{}")),
            try AccessLogMiddleware(options: options(#"{"exclude": ["/health", "/probe/*"]}"#)),
            try AuthMiddleware(
                options: options(
                    """
                    {"required": false, "apiKeys": \
                    {"alice": "sha256:9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f"}}
                    """
                )
            ),
        ]
    }

    @Test func `one line is written, when the response has been sent, with everything in it`() async throws {
        let fields = ["x-request-id: abc", "x-api-key: 0123456789abcdef"]
        let response = await exchange.respond(
            to: try .test("/a%20b?c=d", method: "PUT", fields: fields),
            through: chain
        ) {
            _,
            _ in .text("hello", status: .created)
        }
        #expect(exchange.logs.lines.isEmpty)
        response.sent()
        let line = try #require(exchange.logs.lines.first)
        #expect(exchange.logs.lines.count == 1)
        #expect(line.level == .info)
        #expect(line.message == "request")
        var metadata = line.metadata
        let duration = metadata.removeValue(forKey: "duration-us").flatMap { Int($0) }
        #expect((duration ?? -1) >= 0)
        #expect(
            metadata == [
                "method": "PUT", "client": "127.0.0.1", "path": "/a%20b", "status": "201", "bytes": "5",
                "request-id": "abc", "user": "alice",
            ]
        )
    }

    @Test func `an error is logged with the status that the client got`() async throws {
        await exchange.send(try .test(), through: chain) { _, _ in throw HTTPError(.notFound) }
        #expect(exchange.logs.lines.map { $0.metadata["status"] } == ["404"])
    }

    @Test func `an unknown error is a line of its own, beside that of the request, with the same id`() async throws {
        struct Broken: Error {}
        await exchange.send(try .test(fields: ["x-request-id: abc"]), through: chain) { _, _ in throw Broken() }
        #expect(exchange.logs.lines.map(\.message) == ["request failed", "request"])
        #expect(exchange.logs.lines.allSatisfy { $0.metadata["request-id"] == "abc" })
        #expect(exchange.logs.lines.last?.metadata["status"] == "500")
    }

    @Test func `a refused user is logged without a name`() async throws {
        await exchange.send(try .test(fields: ["x-api-key: wrong"]), through: chain)
        let line = try #require(exchange.logs.lines.first)
        #expect(line.metadata["status"] == "401")
        #expect(line.metadata["user"] == nil)
    }

    @Test(
        arguments: [
            (.clientLeft, "499"), (.timedOut, "504"), (.serverStopped, "503"), (.broken, "200"), (.delivered, "200"),
        ] as [(ResponseOutcome.Ending, String)]
    )
    func `a client that has left is 499, and nobody else is`(ending: ResponseOutcome.Ending, status: String)
        async throws
    {
        await exchange.respond(to: try .test(), through: chain).sent(ending)
        #expect(exchange.logs.lines.map { $0.metadata["status"] } == [status])
    }

    @Test(arguments: [
        ("/health", 0), ("/health?full=1", 0), ("/health/", 1), ("/Health", 1), ("/healthy", 1), ("/%68ealth", 1),
        ("/probe/live", 0), ("/probe", 1),
    ])
    func `an excluded path is not logged, and no other`(_ target: String, _ count: Int) async throws {
        await exchange.send(try .test(target), through: chain)
        #expect(exchange.logs.lines.count == count)
    }

    @Test(arguments: ["health", "", "/a/*/b", "*", "/a b", "/a?b"])
    func `a path that no request can have stops the start`(_ path: String) throws {
        let error = try #require(throws: OptionsError.self) {
            try AccessLogMiddleware(options: options("{\"exclude\": [\"/ok\", \"\(path)\"]}"))
        }
        #expect(error.key == "exclude.1")
        #expect(error.description.contains("\"\(path)\""))
    }

    @Test func `a client cannot say who the user is, also where a field of that name is logged`() async throws {
        let log = try AccessLogMiddleware(options: options(#"{"headers": ["user", "trace-id", "x-other"]}"#))
        let fields = ["User: admin", "Trace-ID: 1", "X-Other: 2"]
        await exchange.send(try .test(fields: fields), through: [log]) { _, _ in .text("ok") }
        let line = try #require(exchange.logs.lines.first)
        #expect(line.metadata["user"] == nil && line.metadata["trace-id"] == nil)
        #expect(line.metadata["x-other"] == "2")
    }

    @Test func `jobs write no line of their own`() async throws {
        await exchange.send(try .test(), through: chain) { _, context in
            try await context.pool.submit { _ = try RequestContext.require() }.value
            return .text("ok")
        }
        #expect(exchange.logs.lines.count == 1)
    }

    private func statuses(_ json: String, _ answers: [HTTPResponse.Status]) async throws -> [String?] {
        let log = try AccessLogMiddleware(options: options(json))
        for status in answers {
            await exchange.send(try .test(), through: [log]) { _, _ in Response(status: status) }
        }
        return exchange.logs.lines.map { $0.metadata["status"] }
    }

    @Test(arguments: [("1", 8), ("0.5", 4), ("0.25", 2), ("0.3", 2), ("0", 0)])
    func `of what went well the share is logged that was asked for`(_ share: String, _ count: Int) async throws {
        let answers = Array(repeating: HTTPResponse.Status.ok, count: 8)
        #expect(try await statuses("{\"sample\": \(share)}", answers).count == count)
    }

    @Test func `errors are all logged`() async throws {
        let answers: [HTTPResponse.Status] = [.ok, .notFound, .found, .internalServerError, .noContent]
        #expect(try await statuses(#"{"sample": 0}"#, answers) == ["404", "500"])
    }

    @Test func `what is nobody's business is left out, and further fields are logged`() async throws {
        let log = try AccessLogMiddleware(
            options: options(#"{"redact": ["client", "path"], "headers": ["User-Agent", "Referer"]}"#)
        )
        await exchange.send(try .test("/users/ann", fields: ["User-Agent: curl"]), through: [log])
        let metadata = exchange.logs.lines.first?.metadata
        #expect(metadata?["client"] == "-")
        #expect(metadata?["path"] == "-")
        #expect(metadata?["user"] == nil)
        #expect(metadata?["user-agent"] == "curl")
        #expect(metadata?["referer"] == nil)
    }

    @Test(arguments: [
        (#"{"headers": ["a", "b c"]}"#, "headers.1"), (#"{"headers": ["Authorization"]}"#, "headers.0"),
        (#"{"headers": ["COOKIE"]}"#, "headers.0"),
    ])
    func `fields that are none or secret are refused`(_ json: String, _ key: String) throws {
        let error = try #require(throws: OptionsError.self) { try AccessLogMiddleware(options: options(json)) }
        #expect(error.key == key)
    }

    @Test(arguments: ["1.1", "-0.1", "2"])
    func `a share that is none is refused`(_ share: String) throws {
        let error = try #require(throws: (any Error).self) {
            try AccessLogMiddleware(options: options("{sample: \(share)}"))
        }
        #expect("\(error)".contains("sample: expected a number from 0 to 1, found \(share)"))
    }
}
