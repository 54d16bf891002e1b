import ContextPool
import EventServer
import Logging
import Middleware
import Synchronization

/// Replaces the middleware of a running server by what the configuration says now.
///
/// Everything is read, checked and started beside what serves; only then is it swapped. What fails on the way changes
/// nothing. One reload runs at a time, and those that are asked for meanwhile become one.
final class Reloader: Sendable {
    private struct State {
        /// What serves now.
        var application: Application
        var watch: Task<Void, Never>?
        var probation: Task<Void, Never>?
    }

    /// What the server was started with; what is not reloaded stays as it is there.
    private let initial: Application
    private let generations: Generations
    private let app: AppContext
    private let logger: Logger
    private let time: ReloadTime
    private let state: Mutex<State>
    private let requests: AsyncStream<String>
    private let ask: AsyncStream<String>.Continuation

    init(_ application: Application, generations: Generations, app: AppContext, time: ReloadTime = .real) {
        initial = application
        self.generations = generations
        self.app = app
        self.time = time
        logger = application.logger
        state = Mutex(State(application: application))
        (requests, ask) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Starts the first generation.
    func start() async throws {
        let application = state.withLock { $0.application }
        let (generation, _) = try await make(application)
        generations.swap(to: generation, keepingPrevious: false)
        watchFile(of: application)
    }

    /// Asks for a reload.
    ///
    /// - Parameter reason: Who has asked, for the log.
    func reload(because reason: String) { ask.yield(reason) }

    /// Carries out what is asked for, until the task is cancelled.
    func run() async {
        for await reason in requests { await reloadNow(because: reason) }
    }

    /// Asks for nothing any more.
    func stop() {
        ask.finish()
        let tasks = state.withLock { state in [state.watch.take(), state.probation.take()] }
        for task in tasks { task?.cancel() }
    }

    /// Reloads, and says in the log how that ended.
    func reloadNow(because reason: String) async {
        let old = state.withLock { $0.application }
        let patience = Task { [logger] in
            try await Alarms.shared.sleep(for: .seconds(10))
            logger.warning("configuration is still loading: a middleware takes long to start")
        }
        defer { patience.cancel() }
        do {
            let next = try old.reread()
            let (generation, changedFiles) = try await make(next)
            let before = generations.generation
            generations.swap(to: generation, keepingPrevious: generation.faults != nil)
            state.withLock { $0.application = next }
            let metadata: Logger.Metadata = [
                "generation": "\(generation.number)", "reason": "\(reason)",
                "chain": "\(generation.chain.joined(separator: ","))",
            ]
            logger.notice("configuration reloaded", metadata: metadata)
            if let before { beginProbation(of: generation, after: before, next.settings.reload.rollback, old) }
            tellOfRest(next)
            tellOfChanged(changedFiles)
            watchFile(of: next)
        } catch {
            let mistakes = (error as? ConfigurationError)?.problems.map(\.description) ?? ["\(error)"]
            let metadata: Logger.Metadata = ["reason": "\(reason)", "mistakes": "\(mistakes.count)"]
            logger.error("configuration not reloaded: the one before goes on", metadata: metadata)
            for mistake in mistakes { logger.error("\(mistake)") }
        }
    }

    private func make(_ application: Application) async throws -> (Generation, changedFiles: [String]) {
        let plan = try application.makePlan()
        for warning in plan.warnings { logger.warning("\(warning)") }
        // What is wrong with the routes is said before anything is started.
        let router = application.settings.router.applied(to: application.router)
        _ = try router.makeHandler()
        let limit = application.settings.startLimit
        let plugins = try await plan.start(in: app, application.config, within: limit)
        let (number, lease) = generations.makeLease(of: plugins)
        let responder = ContextResponder(
            serving: app,
            by: plan.globalChain(of: plugins).way(to: try plan.makeWay(of: plugins, router)),
            timeLimit: application.settings.server.timeouts.handler,
            lease: lease
        )
        let rollback = application.settings.reload.rollback
        let faults = rollback.share > 0 ? FaultCounter(rollback, clock: time.now) : nil
        let chain = plan.global.map(\.name)
        return (Generation(number: number, chain: chain, responder: responder, faults: faults), plan.changedFiles)
    }

    private func beginProbation(
        of generation: Generation,
        after before: Generation,
        _ rollback: ReloadSettings.Rollback,
        _ old: Application
    ) {
        guard let faults = generation.faults else { return }
        let usual = before.faults?.recent ?? FaultCounter.Count()
        let number = generation.number
        faults.watch(since: usual) { [self] count in rollBack(from: number, to: old, count) }
        let settling = Task { [generations, time] in
            try? await time.sleep(rollback.window)
            if !Task.isCancelled { generations.settle(number) }
        }
        state.withLock { $0.probation.swap(with: settling) }?.cancel()
    }

    private func rollBack(from number: Int, to old: Application, _ count: FaultCounter.Count) {
        guard let back = generations.rollBack(from: number) else { return }
        state.withLock { $0.application = old }
        let metadata: Logger.Metadata = [
            "generation": "\(back)", "failed": "\(number)", "responses": "\(count.responses)",
            "faults": "\(count.faults)",
            "advice": "the file still says what has failed: change it back, or mend it and reload",
        ]
        logger.error("configuration rolled back: too many responses were 5xx", metadata: metadata)
    }

    private func tellOfRest(_ next: Application) {
        let changed = initial.fixedKeysChanged(in: next)
        guard !changed.isEmpty else { return }
        logger.warning(
            "changed settings need a restart, and stay as they were",
            metadata: ["keys": "\(changed.joined(separator: ","))"]
        )
    }

    private func tellOfChanged(_ files: [String]) {
        guard !files.isEmpty else { return }
        logger.warning(
            "changed plug-ins need a restart, and stay as they were loaded",
            metadata: ["files": "\(files.joined(separator: ","))"]
        )
    }

    private func watchFile(of application: Application) {
        let wanted = application.settings.reload.watch
        let task = state.withLock { state -> Task<Void, Never>? in
            guard wanted != (state.watch != nil) else { return nil }
            let old = state.watch.take()
            if wanted { state.watch = Task { await self.watch(application.source) } }
            return old
        }
        task?.cancel()
    }

    /// Looks at the file, and at those that it names, once a second: that costs nothing, and sees what was renamed, linked or
    /// mounted over them, too.
    private func watch(_ source: ConfigSource) async {
        var loaded = source.look()
        var seen = loaded
        while !Task.isCancelled {
            do { try await time.sleep(.seconds(1)) } catch { return }
            let content = source.look()
            // A file that is just being written is not whole; one that stays away is no configuration.
            if let content, content == seen, content != loaded {
                loaded = content
                reload(because: "changed file")
            }
            seen = content
        }
    }
}

extension Optional {
    /// Puts a value in the place of this one, which is returned.
    fileprivate mutating func swap(with other: Wrapped) -> Wrapped? {
        defer { self = other }
        return self
    }
}

/// Where a reloader has its time from.
struct ReloadTime: Sendable {
    let now: @Sendable () -> Duration
    let sleep: @Sendable (Duration) async throws -> Void

    /// That of the machine.
    static let real: ReloadTime = {
        let start = ContinuousClock.now
        return ReloadTime(now: { start.duration(to: .now) }, sleep: { try await Alarms.shared.sleep(for: $0) })
    }()
}
