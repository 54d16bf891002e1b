import ContextPool
import Logging
import Middleware
import Synchronization
import TestSupport
import Testing

@testable import Baton

@Suite struct DirectAccessLineTests {
    /// What takes metadata, as the handlers of others do, and writes it as ours does.
    private struct Foreign: LogHandler {
        var own: LineLogHandler
        var logLevel: Logger.Level {
            get { own.logLevel }
            set { own.logLevel = newValue }
        }
        var metadata: Logger.Metadata {
            get { own.metadata }
            set { own.metadata = newValue }
        }
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { own[metadataKey: key] }
            set { own[metadataKey: key] = newValue }
        }
        func log(event: LogEvent) { own.log(event: event) }
    }

    private final class Written: Sendable {
        let text = Mutex("")
    }

    private let exchange: TestExchange

    init() throws { exchange = try TestExchange() }

    /// The lines of one request, without the time and with the duration as `N`.
    private func lines(
        _ target: String,
        _ fields: [String],
        _ logOptions: String,
        _ format: LogFormat,
        _ change: (LineLogHandler) -> any LogHandler
    ) async throws -> [String] {
        let written = Written()
        let writer = LogWriter { bytes in written.text.withLock { $0 += String(decoding: bytes, as: UTF8.self) } }
        let handler = change(LineLogHandler(writer: writer, format: format, metadataProvider: .requestContext))
        var values = exchange.app.values
        values.logger = Logger(label: "test") { _ in handler }
        let app = AppContext(name: "test", pool: exchange.app.pool, values: values)
        var log = try AccessLogMiddleware(options: options(logOptions))
        await log.start(in: PluginSetup(name: "access-log", app: app, logger: values.logger))
        let auth = """
            {"required": false, "apiKeys": \
            {"alice": "sha256:9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f"}}
            """
        let chain: [any Middleware] = [
            try RequestIDMiddleware(options: options("{}")), log, try AuthMiddleware(options: options(auth)),
        ]
        let steps = chain.map { MiddlewareChain.Step(name: "step", middleware: $0) }
        let responder = ContextResponder(app: app, chain: MiddlewareChain(steps)) { _, _ in .text("hello") }
        await responder.respond(to: try .test(target, fields: fields)).sent()
        writer.flush()
        return written.text.withLock { $0 }.split(separator: "\n")
            .map { line in
                String(line).replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, with: "T")
                    .replacing(/duration-us("?[=:]"?)\d+/) { "duration-us\($0.1)N" }
            }
    }

    @Test func `a line has all fields, sorted, and what was asked for beside them`() async throws {
        let fields = ["x-request-id: abc", "x-api-key: 0123456789abcdef", "user-agent: curl 8", "referer: here"]
        let options = #"{"headers": ["User-Agent", "Referer", "x-none"]}"#
        let text = try await lines("/a?b", fields, options, .text) { $0 }
        #expect(
            text == [
                "T info request bytes=5 client=127.0.0.1 duration-us=N method=GET path=/a referer=here request-id=abc "
                    + "status=200 user=alice user-agent=\"curl 8\""
            ]
        )
        let json = try await lines("/a?b", fields, options, .json) { $0 }
        #expect(
            json == [
                #"{"time":"T","level":"info","message":"request","bytes":"5","client":"127.0.0.1","duration-us":"N","#
                    + #""method":"GET","path":"/a","referer":"here","request-id":"abc","status":"200","user":"alice","#
                    + #""user-agent":"curl 8"}"#
            ]
        )
    }

    /// Headers that look like something else, and ones that are called like fields of the line.
    private static let odd = [
        ["x-odd: a=\"b\" \\ c", "user: mallory", "time: never", "level: error", "client: nobody", "status: 999"],
        ["x-odd: gr\u{FC}n", "user: mallory", "x-api-key: 0123456789abcdef"], ["x-odd:", "x-request-id: not one"], [],
        ["x-odd: \(String(repeating: "\\\" ", count: 3000))"],
    ]

    private static let paths = [
        "/a", "/a=b", "/\(String(repeating: "a=", count: 2000))", "/\(String(repeating: "b", count: 900))",
    ]

    @Test(
        arguments: LogFormat.allCases,
        [
            "{}", #"{"headers": ["x-odd", "user", "time", "level", "client", "status"], "redact": ["path", "user"]}"#,
        ]
    )
    func `a logger that wants metadata gets the same line`(_ format: LogFormat, _ options: String) async throws {
        for fields in Self.odd {
            for path in Self.paths {
                // An id of its own for each would differ.
                let fields = fields + (fields.contains { $0.hasPrefix("x-request-id") } ? [] : ["x-request-id: abc"])
                let direct = try await lines(path, fields, options, format) { $0 }
                let foreign = try await lines(path, fields, options, format) { Foreign(own: $0) }
                #expect(direct.count == 1)
                #expect(Self.withoutID(direct) == Self.withoutID(foreign))
            }
        }
    }

    private static func withoutID(_ lines: [String]) -> [String] {
        lines.map { $0.replacing(/request-id("?[=:]"?)[a-z0-9]{13}/, with: "request-id") }
    }

    @Test func `a logger with fields of its own adds them`() async throws {
        let lines = try await lines("/a", ["x-request-id: abc"], "{}", .text) { handler in
            var handler = handler
            handler[metadataKey: "area"] = "shop"
            return handler
        }
        let line = "T info request area=shop bytes=5 client=127.0.0.1 duration-us=N method=GET path=/a request-id=abc"
        #expect(lines == ["\(line) status=200"])
    }

    @Test func `nothing is written where the level is above`() async throws {
        let lines = try await lines("/a", [], "{}", .text) { handler in
            var handler = handler
            handler.logLevel = .notice
            return handler
        }
        #expect(lines.isEmpty)
    }

    @Test func `what is redacted is not there, whoever has said it`() async throws {
        let options = #"{"headers": ["user", "x-odd"], "redact": ["user", "path", "client"]}"#
        let lines = try await lines("/secret", ["x-request-id: abc", "user: ann", "x-odd: b"], options, .text) { $0 }
        let line = "T info request bytes=5 client=- duration-us=N method=GET path=- request-id=abc status=200"
        #expect(lines == ["\(line) x-odd=b"])
    }
}
