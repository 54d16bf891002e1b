import ContextPool
import Synchronization
import TestSupport
import Testing

@testable import Baton

/// A reloader with a configuration that the test changes and a time that it moves; no server, no file.
struct ReloadStage {
    let logs = LogRecorder()
    let generations = Generations()
    let reloader: Reloader
    let time = ManualTime()
    let diary: Diary
    private let text: Diary.Text

    /// Serves with one plug-in.
    ///
    /// - Parameters:
    ///   - options: Those of the plug-in.
    ///   - rest: The rest of the configuration.
    ///   - routes: Adds routes; `/` answers in any case.
    /// - Throws: What is wrong with the configuration.
    init(_ options: String = "id: one", rest: String = "", routes: (inout Router) -> Void = { _ in }) async throws {
        diary = Diary()
        text = Diary.Text(diary.yaml(options, rest))
        let text = text
        let source = ConfigSource(file: "c.yml", options: [:], environment: [:]) { text.value }
        let logger = logs.makeLogger()
        var application = try Application(source: source, logger: logger)
        application.register(LivelyPlugin.self)
        application.router.get("/") { _, _ in .text("ok") }
        routes(&application.router)
        var values = ContextValues()
        values.logger = logger
        let app = AppContext(name: "test", pool: try ContextPool(workers: 1), values: values)
        reloader = Reloader(application, generations: generations, app: app, time: time.time)
        try await reloader.start()
    }

    /// Changes the configuration.
    func write(_ options: String, rest: String = "") { text.value = diary.yaml(options, rest) }

    /// Changes the configuration to any text.
    func write(whole yaml: String) { text.value = yaml }

    /// Changes the configuration, and reloads.
    func reload(_ options: String, rest: String = "") async {
        write(options, rest: rest)
        await reloader.reloadNow(because: "test")
    }

    /// Sends a request, and takes the answer in; the id of the plug-in that it has passed.
    @discardableResult
    func request(_ path: String = "/") async throws -> String {
        let response = try await generations.respond(to: .inProcess("GET", path))
        let id = response.headers[.server]
        try await response.send { _ in }
        return id ?? ""
    }

    /// Lets go of everything, and waits for the end of all plug-ins.
    func close() async -> Int {
        reloader.stop()
        generations.close()
        return await generations.waitForEnd(within: .seconds(20))
    }

    var errors: [String] { logs.lines.filter { $0.level == .error }.map(\.message) }
}

/// What the plug-ins of one test have done; found by a number that stands in their options.
final class Diary: Sendable {
    final class Text: Sendable {
        private let state: Mutex<String>

        init(_ text: String) { state = Mutex(text) }

        var value: String {
            get { state.withLock { $0 } }
            set { state.withLock { $0 = newValue } }
        }
    }

    private static let all = Mutex<[Diary]>([])

    let number: Int
    private let state = Mutex<(entries: [String], gates: [String: Gate])>(([], [:]))

    init() {
        number = Self.all.withLock { $0.count }
        Self.all.withLock { $0.append(self) }
    }

    static func of(_ number: Int) -> Diary { all.withLock { $0[number] } }

    var entries: [String] { state.withLock(\.entries) }

    func yaml(_ options: String, _ rest: String) -> String {
        "chain: [lively]\nmiddleware: {lively: {\(options), diary: \(number)}}\n\(rest)"
    }

    func note(_ entry: String) {
        state.withLock { $0.entries.append(entry) }
        gate(entry).open()
    }

    /// Waits until something has happened.
    func noted(_ entry: String) async { await gate(entry).opened() }

    private func gate(_ entry: String) -> Gate {
        state.withLock { state in
            let gate = state.gates[entry] ?? Gate()
            state.gates[entry] = gate
            return gate
        }
    }
}

/// Notes down its life, and does to responses what its options say.
struct LivelyPlugin: MiddlewarePlugin {
    static let name = "lively"

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    struct Options: Decodable {
        var id: String
        var diary: Int
        var fails: Bool?
        var hangs: Bool?
        var status: Int?
    }

    private let options: Options
    private let diary: Diary

    init(options: Options) {
        self.options = options
        diary = .of(options.diary)
    }

    mutating func start(in setup: PluginSetup) async throws {
        if options.fails == true { throw Broken(description: "broken by \(options.id)") }
        if options.hangs == true {
            await untilCancelled()
            throw CancellationError()
        }
        diary.note("start \(options.id)")
    }

    func stop() async { diary.note("stop \(options.id)") }

    func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        var response = try await next(request, in: context)
        response.headers[.server] = options.id
        if let status = options.status { response.status = .init(code: status) }
        return response
    }
}

/// A time that only the test moves.
final class ManualTime: Sendable {
    private struct State {
        var now = Duration.zero
        var sleepers: [(until: Duration, wake: CheckedContinuation<Void, Never>)] = []
        var sleeping: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var time: ReloadTime { ReloadTime(now: { self.now }, sleep: { await self.sleep($0) }) }

    private var now: Duration { state.withLock(\.now) }

    private func sleep(_ duration: Duration) async {
        await withCheckedContinuation { continuation in
            let waiting = state.withLock { state in
                state.sleepers.append((state.now + duration, continuation))
                defer { state.sleeping = [] }
                return state.sleeping
            }
            for waiter in waiting { waiter.resume() }
        }
    }

    /// Waits until somebody sleeps.
    func somebodySleeps() async {
        await withCheckedContinuation { continuation in
            let isSo = state.withLock { state in
                if state.sleepers.isEmpty { state.sleeping.append(continuation) }
                return !state.sleepers.isEmpty
            }
            if isSo { continuation.resume() }
        }
    }

    func advance(by duration: Duration) {
        let awake = state.withLock { state in
            state.now += duration
            let now = state.now
            let awake = state.sleepers.filter { $0.until <= now }
            state.sleepers.removeAll { $0.until <= now }
            return awake.map(\.wake)
        }
        for sleeper in awake { sleeper.resume() }
    }
}
