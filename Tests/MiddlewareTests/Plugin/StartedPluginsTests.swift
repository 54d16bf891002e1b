import ContextPool
import EventServer
import Foundation
import Logging
import Middleware
import Synchronization
import TestSupport
import Testing

@Suite struct StartedPluginsTests {
    private struct Broken: Error {}

    /// Notes down its life; what it opens is there when it is used.
    private struct Lively: MiddlewarePlugin {
        static let name = "lively"

        let id: String
        let journal: Journal
        let failure: (any Error)?
        private(set) var folder: String?

        init(options: NoOptions) { self.init("", Journal()) }

        init(_ id: String, _ journal: Journal, failure: (any Error)? = nil) {
            self.id = id
            self.journal = journal
            self.failure = failure
        }

        mutating func start(in setup: PluginSetup) async throws {
            await Task.yield()
            if let failure { throw failure }
            journal.note("start \(setup.name)")
            folder = setup.folder
            setup.logger.info("started")
        }

        func stop() async { journal.note("stop \(id)") }

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }
    }

    private let exchange: TestExchange
    private let journal = Journal()

    init() throws { exchange = try TestExchange() }

    private func start(_ plugins: [Lively]) async throws(StartedPlugins.Failure) -> StartedPlugins {
        try await StartedPlugins(starting: plugins.map { ($0.id, $0) }) { name in
            PluginSetup(name: name, app: exchange.app, logger: exchange.app.values.logger, folder: "/etc/shop")
        }
    }

    @Test func `plug-ins start in the order of the chain, and stop in reverse`() async throws {
        let started = try await start([Lively("a", journal), Lively("b", journal)])
        await started.stop()
        #expect(journal.entries == ["start a", "start b", "stop b", "stop a"])
    }

    @Test func `a struct keeps what it has opened in its own properties`() async throws {
        let started = try await start([Lively("a", journal)])
        #expect((started["a"] as? Lively)?.folder == "/etc/shop")
        #expect(started["b"] == nil)
    }

    @Test func `what a plug-in logs carries its name`() async throws {
        _ = try await start([Lively("login-limit", journal)])
        #expect(exchange.logs.lines.first { $0.message == "started" }?.metadata["middleware"] == "login-limit")
    }

    @Test func `where one cannot start, those before it are stopped in reverse, and those behind it never start`() async
    {
        let failure = await #expect(throws: StartedPlugins.Failure.self) {
            try await start([
                Lively("a", journal), Lively("b", journal), Lively("c", journal, failure: Broken()),
                Lively("d", journal),
            ])
        }
        #expect(failure?.name == "c")
        #expect(failure?.error is Broken)
        #expect(journal.entries == ["start a", "start b", "stop b", "stop a"])
    }

    @Test func `who is cancelled while it starts stops what was started`() async {
        let (begun, goOn) = (Gate(), Gate())
        let (exchange, journal) = (exchange, journal)
        let starting = Task {
            _ = try await StartedPlugins(starting: [
                ("a", Lively("a", journal)), ("waiting", Waiting(begun: begun, goOn: goOn)),
                ("c", Lively("c", journal)),
            ]) { PluginSetup(name: $0, app: exchange.app, logger: exchange.app.values.logger) }
        }
        await begun.opened()
        starting.cancel()
        goOn.open()
        let failure = await #expect(throws: StartedPlugins.Failure.self) { try await starting.value }
        #expect(failure?.error is CancellationError)
        #expect(journal.entries == ["start a", "stop a"])
    }

    /// Starts or stops when the test says so, whoever wants it to end.
    private struct Stubborn: MiddlewarePlugin {
        static let name = "stubborn"

        let begun = Gate()
        let goOn = Gate()
        let stopped = Gate()
        var hangsAtStart = true

        init(options: NoOptions) {}

        mutating func start(in setup: PluginSetup) async throws { if hangsAtStart { await hang() } }

        func stop() async {
            if !hangsAtStart { await hang() }
            stopped.open()
        }

        private func hang() async {
            begun.open()
            await goOn.opened()
        }

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }
    }

    /// Starts plug-ins, for which the time is up as soon as the stubborn one hangs.
    private func start(
        _ plugins: [(name: String, plugin: any MiddlewarePlugin)],
        until stubborn: Stubborn
    ) async throws(StartedPlugins.Failure) {
        _ = try await StartedPlugins(
            starting: plugins,
            within: .seconds(7),
            sleep: { _ in await stubborn.begun.opened() },
            with: { PluginSetup(name: $0, app: exchange.app, logger: exchange.app.values.logger) }
        )
    }

    @Test
    func `one that does not come to the end of its start is left behind, and stopped when it has started after all`()
        async
    {
        let stubborn = Stubborn(options: NoOptions())
        let failure = await #expect(throws: StartedPlugins.Failure.self) {
            try await start([("a", Lively("a", journal)), ("slow", stubborn)], until: stubborn)
        }
        #expect(failure?.name == "slow")
        let sentence = failure.map { "\($0.error)" } ?? ""
        #expect(sentence.hasPrefix("it had not started after 7.0 seconds."), "\(sentence)")
        #expect(sentence.contains("server.timeouts.start"))
        #expect(!stubborn.stopped.isOpen)
        stubborn.goOn.open()
        await stubborn.stopped.opened()
    }

    @Test func `one that does not stop holds up nobody whose start has failed`() async {
        var stubborn = Stubborn(options: NoOptions())
        stubborn.hangsAtStart = false
        let plugins: [(name: String, plugin: any MiddlewarePlugin)] = [
            ("stubborn", stubborn), ("b", Lively("b", journal, failure: Broken())),
        ]
        let running = stubborn
        let failure = await #expect(throws: StartedPlugins.Failure.self) {
            try await start(plugins, until: running)
        }
        #expect(failure?.error is Broken)
        running.goOn.open()
        await running.stopped.opened()
    }

    private struct Waiting: MiddlewarePlugin {
        static let name = "waiting"

        let begun: Gate
        let goOn: Gate

        init(options: NoOptions) { self.init(begun: Gate(), goOn: Gate()) }

        init(begun: Gate, goOn: Gate) {
            self.begun = begun
            self.goOn = goOn
        }

        mutating func start(in setup: PluginSetup) async throws {
            begun.open()
            await goOn.opened()
        }

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }
    }
}
