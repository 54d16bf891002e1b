import ServiceLifecycle
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
        /// The names of the middleware, outermost first.
        public let chain: [String]
    }

    /// Serves until the process gets SIGTERM or SIGINT, or the calling task is cancelled.
    ///
    /// On a signal it accepts no more, lets running requests finish and then the jobs of the pool, each no longer than
    /// `server.timeouts.drain`. At a second signal it stops at once.
    ///
    /// - Parameter onReady: Called once, when clients can connect. What it throws stops the start.
    /// - Throws: ``ConfigurationError``, ``RouterError``, ``ServerError`` or ``ContextPoolError``, and what `onReady` throws,
    ///   before anything is served. That it was asked to stop is not an error.
    public func run(onReady: @Sendable (Launch) throws -> Void = { _ in }) async throws {
        defer { LogWriter.standardError.flushBeforeExit() }
        // Before the first client can connect: Dispatch opens descriptors for signals and for timers when it first needs
        // them, and ends the process where none are left.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        try await Task.sleep(for: .nanoseconds(1))
        let plan = try makePlan()
        // Before anything makes its metrics: they belong to the system that there is then.
        if plan.steps.contains(where: { $0.plugin is MetricsMiddleware }) {
            PrometheusMetricsFactory.bootstrapIfNobodyHas()
        }
        let handler = try router.makeHandler()
        let pool = try ContextPool(
            workers: settings.pool.workers,
            queueLimit: settings.pool.queueLimit,
            name: "pool",
            propagators: [.currentLogger]
        )
        var values = values
        values.logger = logger
        values.healthChecks = healthChecks
        values.links = try router.makeLinks()
        let app = AppContext(name: "baton", pool: pool, values: values)
        let plugins = try await start(plan, in: app)
        let chain = plugins.chain
        do {
            try await serve(chain, handler, in: app, until: signals, onReady: onReady)
        } catch {
            await plugins.started.stop()
            throw error
        }
        await plugins.started.stop()
        logger.info("stopped")
    }

    /// Starts the middleware of a chain.
    private func start(
        _ plan: ChainPlan,
        in app: AppContext
    ) async throws -> (chain: MiddlewareChain, started: StartedPlugins) {
        let started: StartedPlugins
        do throws(StartedPlugins.Failure) {
            started = try await StartedPlugins(starting: plan.steps.map { ($0.name, $0.plugin) }) { name in
                PluginSetup(name: name, app: app, logger: logger, folder: config.folder)
            }
        } catch {
            if let mistake = error.error as? OptionsError {
                throw ConfigurationError([config.problem(for: mistake, at: ["middleware", error.name])])
            }
            let place = plan.steps.first { $0.name == error.name }?.place ?? []
            let message = "\"\(error.name)\" could not start: \(error.error)"
            throw ConfigurationError([config.problem(at: place, message)])
        }
        let steps = plan.steps.compactMap { step in
            started[step.name].map { MiddlewareChain.Step(name: step.name, middleware: $0) }
        }
        return (MiddlewareChain(steps), started)
    }

    private func serve(
        _ chain: MiddlewareChain,
        _ handler: @escaping Handler,
        in app: AppContext,
        until signals: UnixSignalsSequence,
        onReady: @Sendable (Launch) throws -> Void
    ) async throws {
        let pool = app.pool
        let server = HTTPServer(
            configuration: settings.server,
            responder: ContextResponder(app: app, chain: chain, handler: handler),
            logger: logger,
            observer: ServerMetrics()
        )
        let address = try server.bind()
        let addresses = server.addresses
        logger.info(
            "listening",
            metadata: [
                "address": "\(addresses.map(\.description).joined(separator: ","))", "loops": "\(server.loopCount)",
                "workers": "\(pool.workers)",
                "chain": "\(chain.steps.map(\.name).joined(separator: ","))",
            ]
        )
        try onReady(
            Launch(
                address: address,
                addresses: addresses,
                loops: server.loopCount,
                workers: pool.workers,
                chain: chain.steps.map(\.name)
            )
        )
        var quiet = logger
        quiet.logLevel = max(.warning, logger.logLevel)
        // Ended in reverse order: the requests first, then the jobs that they left.
        let services: [any Service] = [
            PoolService(pool: pool, limit: settings.server.timeouts.drain, logger: logger),
            server,
        ]
        try await Self.run(ServiceGroup(services: services, logger: quiet), until: signals, logger: logger)
    }

    /// Runs the services until they end, one signal asks them to, or a second one loses patience.
    ///
    /// The group could trap the signals itself, but would then ignore the second, and an operator who presses Ctrl-C again
    /// means it.
    private static func run(_ group: ServiceGroup, until signals: UnixSignalsSequence, logger: Logger) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                var isStopping = false
                for await signal in signals {
                    guard signal != .sighup else {
                        logger.warning("SIGHUP is ignored: a changed configuration needs a restart")
                        continue
                    }
                    logger.notice(isStopping ? "stopping at once" : "stopping", metadata: ["signal": "\(signal)"])
                    if isStopping { return }
                    isStopping = true
                    await group.triggerGracefulShutdown()
                }
            }
            try await tasks.next()
            tasks.cancelAll()
        }
    }
}

/// Ends the pool when the server has ended.
private struct PoolService: Service {
    let pool: ContextPool
    let limit: Duration
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
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
