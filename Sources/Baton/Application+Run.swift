import ServiceLifecycle
import Synchronization
import UnixSignals

extension Application {
    /// What a server that is about to serve can tell of itself.
    public struct Launch: Sendable {
        /// Where it listens, with the port in figures.
        public let address: SocketAddress
        /// All places where it listens, that one first.
        public let addresses: [SocketAddress]
        /// How many event loops it has.
        public let loops: Int
        /// How many threads its pool has.
        public let workers: Int
        /// The names of the middleware that every request passes, outermost first.
        public let chain: [String]
    }

    /// Serves until the process gets SIGTERM or SIGINT, or the calling task is cancelled.
    ///
    /// On a signal it accepts no more, lets running requests finish and then the jobs of the pool, each no longer than
    /// `server.timeouts.drain`, and stops the middleware. At a second signal it stops at once. At SIGHUP the middleware is
    /// replaced by what the configuration says then; where that is wrong, nothing changes and the log says why.
    ///
    /// - Parameter onReady: Called once, when clients can connect. What it throws stops the start.
    /// - Throws: ``ConfigurationError``, ``RouterError``, ``ServerError`` or ``ContextPoolError``, and what `onReady` throws,
    ///   before anything is served. That it was asked to stop is not an error; that it was told to stop at once is one,
    ///   ``ForcedStop``.
    public func run(onReady: @escaping @Sendable (Launch) throws -> Void = { _ in }) async throws {
        defer { LogWriter.standardError.flushBeforeExit() }
        // Before the first client can connect: Dispatch opens descriptors for signals and for timers when it first needs
        // them, and ends the process where none are left.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        try await Task.sleep(for: .nanoseconds(1))
        // Before there is anything to stop.
        let plan = try makePlan()
        // Before anything makes its metrics: they belong to the system that there is then.
        if plan.instances.contains(where: { $0.plugin == MetricsMiddleware.name }) {
            PrometheusMetricsFactory.bootstrapIfNobodyHas()
        }
        _ = try router.makeHandler()
        let switches = RunSwitches()
        let isForced = try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try await serve(switches, onReady: onReady)
                return false
            }
            tasks.addTask { await obey(signals, switches) }
            defer { tasks.cancelAll() }
            return try await tasks.next() ?? false
        }
        logger.info("stopped")
        if isForced { throw ForcedStop() }
    }

    /// Starts everything, serves, and stops everything.
    func serve(_ switches: RunSwitches, onReady: @Sendable (Launch) throws -> Void) async throws {
        let parts = try makeParts()
        do {
            try await parts.reloader.start()
            try await serve(parts, switches, onReady)
        } catch {
            await stop(parts)
            // Asked to stop while it started.
            guard !Task.isCancelled else { return }
            throw error
        }
        await stop(parts)
    }

    /// What a running application is made of, beside what receives its requests.
    struct Parts {
        let app: AppContext
        let metrics: PoolMetrics
        let generations: Generations
        let reloader: Reloader
    }

    func makeParts() throws -> Parts {
        let metrics = PoolMetrics()
        let pool = try ContextPool(
            workers: settings.pool.workers,
            queueLimit: settings.pool.queueLimit,
            name: "pool",
            propagators: [.currentLogger, .trace],
            keptJobs: settings.pool.keptJobs,
            observer: PoolObserver(metrics: metrics, spans: JobSpans(), log: JobLog(logger))
        )
        var values = values
        values.logger = logger
        values.healthChecks = healthChecks
        values.links = try router.makeLinks()
        let app = AppContext(name: "baton", pool: pool, values: values)
        let generations = Generations()
        let reloader = Reloader(self, generations: generations, app: app)
        return Parts(app: app, metrics: metrics, generations: generations, reloader: reloader)
    }

    private func serve(_ parts: Parts, _ switches: RunSwitches, _ onReady: (Launch) throws -> Void) async throws {
        let app = parts.app
        let reloader = parts.reloader
        let server = HTTPServer(
            configuration: settings.server,
            responder: parts.generations,
            logger: logger,
            observer: ServerMetrics()
        )
        let address = try server.bind()
        let launch = Launch(
            address: address,
            addresses: server.addresses,
            loops: server.loopCount,
            workers: app.pool.workers,
            chain: parts.generations.generation?.chain ?? []
        )
        logger.info(
            "listening",
            metadata: [
                "address": "\(launch.addresses.map(\.description).joined(separator: ","))", "loops": "\(launch.loops)",
                "workers": "\(launch.workers)", "chain": "\(launch.chain.joined(separator: ","))",
            ]
        )
        try onReady(launch)
        var quiet = logger
        quiet.logLevel = max(.warning, logger.logLevel)
        // Ended in reverse order: the requests first, then the jobs that they left.
        let services: [any Service] = [
            PoolService(pool: app.pool, metrics: parts.metrics, limit: settings.server.timeouts.drain, logger: logger),
            server,
        ]
        let group = ServiceGroup(services: services, logger: quiet)
        switches.turnOn(group, reloader)
        let reloads = Task { await reloader.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await group.run()) } catch { result = .failure(error) }
        // A reload that is under way must have ended before everything is stopped.
        reloads.cancel()
        await reloads.value
        try result.get()
    }

    /// Stops the middleware, when the last request and the last job have ended.
    func stop(_ parts: Parts) async {
        parts.reloader.stop()
        parts.generations.close()
        let limit = settings.server.timeouts.drain
        let left = await parts.generations.waitForEnd(within: limit)
        guard left > 0 else { return }
        let metadata: Logger.Metadata = ["generations": "\(left)", "after": "\(limit)"]
        logger.warning("middleware was left running", metadata: metadata)
    }

    /// Does what signals ask for, until one asks to stop at once.
    ///
    /// Returns whether one has cut short what had begun.
    ///
    /// The service group could trap the signals itself, but would then ignore the second, and an operator who presses Ctrl-C
    /// again means it.
    private func obey(_ signals: UnixSignalsSequence, _ switches: RunSwitches) async -> Bool {
        var isStopping = false
        for await signal in signals {
            let (group, reloader) = switches.current
            if signal == .sighup {
                reloader?.reload(because: "SIGHUP")
                continue
            }
            logger.notice(isStopping ? "stopping at once" : "stopping", metadata: ["signal": "\(signal)"])
            // While it starts there is nothing to drain.
            guard let group, !isStopping else { return isStopping }
            isStopping = true
            await group.triggerGracefulShutdown()
        }
        return false
    }
}

/// What signals can act on, once it is there.
final class RunSwitches: Sendable {
    private let state = Mutex<(group: ServiceGroup?, reloader: Reloader?)>((nil, nil))

    var current: (group: ServiceGroup?, reloader: Reloader?) { state.withLock { $0 } }

    func turnOn(_ group: ServiceGroup, _ reloader: Reloader) { state.withLock { $0 = (group, reloader) } }
}

/// Measures the pool while the server runs, and ends it when the server has ended.
private struct PoolService: Service {
    let pool: ContextPool
    let metrics: PoolMetrics
    let limit: Duration
    let logger: Logger

    func run() async throws {
        if metrics.measuresJobs {
            // More often than anybody collects metrics.
            try? await cancelWhenGracefulShutdown {
                while true {
                    metrics.sample(pool)
                    try await Task.sleep(for: .seconds(1))
                }
            }
        } else {
            try? await gracefulShutdown()
        }
        let left = await pool.shutDown(.finishPending, within: limit)
        for job in left.neverRan {
            logger.warning("a job never ran", metadata: ["job": "\(job)", "after": "\(limit)"])
        }
        if left.unfinished > 0 {
            let metadata: Logger.Metadata = ["unfinished": "\(left.unfinished)", "after": "\(limit)"]
            logger.warning("jobs were left behind", metadata: metadata)
        }
    }
}
