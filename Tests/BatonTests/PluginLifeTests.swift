import ContextPool
import Synchronization
import TestSupport
import Testing

@testable import Baton

/// Plug-ins from the start of a server to its end.
@Suite struct PluginLifeTests {
    private struct Broken: Error {}

    /// What happened, kept by the key that `config.yml` gives.
    private static let journals = Mutex<[String: [String]]>([:])

    private struct Lively: MiddlewarePlugin {
        static let name = "lively"

        struct Options: Decodable {
            var journal: String
            var key: ConfigPath?
            var failing: String?
        }

        let options: Options
        var greeting = "not started"

        init(options: Options) { self.options = options }

        mutating func start(in setup: PluginSetup) async throws {
            if let failing = options.failing {
                throw failing == "key" ? OptionsError(key: "key", "It cannot be read.") : Broken()
            }
            greeting = try await setup.pool.submit { "started on the pool" }.value
            PluginLifeTests.note("start", options.journal)
        }

        func stop() async { PluginLifeTests.note("stop", options.journal) }

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            var response = try await next(request, in: context)
            response.headers[.server] = greeting
            return response
        }
    }

    private static func note(_ entry: String, _ journal: String) {
        journals.withLock { $0[journal, default: []].append(entry) }
    }

    private func run(_ yaml: String) async throws -> RawResponse {
        try await TestApplication.run(yaml: yaml) { app in
            app.register(Lively.self)
            app.router.get("/") { _, _ in .text("ok") }
        } _: { app in
            try await app.request("GET /")
        }
    }

    @Test func `a plug-in is started before the first request, and stopped at the end`() async throws {
        let response = try await run("chain: [lively]\nmiddleware: {lively: {journal: whole}}")
        #expect(response.headers["server"] == "started on the pool")
        #expect(Self.journals.withLock { $0["whole"] } == ["start", "stop"])
    }

    @Test(arguments: [
        ("key", "config.yml:2:40: middleware.lively.key: It cannot be read."),
        ("whole", "config.yml:1:9: chain.0: \"lively\" could not start: "),
    ])
    func `a plug-in that cannot start stops the start, with the line`(_ failing: String, _ message: String) async {
        let yaml = "chain: [lively]\nmiddleware: {lively: {journal: x, key: a.pem, failing: \(failing)}}"
        let error = await #expect(throws: ConfigurationError.self) { _ = try await run(yaml) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test func `checking starts nothing`() async throws {
        var app = try await Application(yaml: "chain: [lively]\nmiddleware: {lively: {journal: checked}}")
        app.register(Lively.self)
        try app.checkChain()
        #expect(Self.journals.withLock { $0["checked"] } == nil)
    }

    private struct Slow: MiddlewarePlugin {
        static let name = "slow"
        static let begun = Gate()

        init(options: NoOptions) {}

        mutating func start(in setup: PluginSetup) async throws {
            Self.begun.open()
            await untilCancelled()
            throw CancellationError()
        }

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }
    }

    @Test func `who is asked to stop while a plug-in starts stops, and that is no error`() async throws {
        let yaml = "server: {port: 0}\nchain: [lively, slow]\nmiddleware: {lively: {journal: stopped}}"
        var app = try await Application(yaml: yaml, logger: LogRecorder().makeLogger())
        app.register(Lively.self)
        app.register(Slow.self)
        let application = app
        let running = Task {
            try await application.run { _ in Issue.record("it serves") }
        }
        await Slow.begun.opened()
        running.cancel()
        try await running.value
        #expect(Self.journals.withLock { $0["stopped"] } == ["start", "stop"])
    }
}
