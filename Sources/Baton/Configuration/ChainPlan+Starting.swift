import Middleware

extension ChainPlan {
    /// Starts all plug-ins.
    ///
    /// - Parameters:
    ///   - app: The application that they belong to.
    ///   - config: Where they stand.
    ///   - limit: How long each may take.
    /// - Returns: The plug-ins as they are after their start.
    /// - Throws: ``ConfigurationError`` with the line of the one that could not start; then none is left running.
    func start(
        in app: AppContext,
        _ config: ConfigFile,
        within limit: Duration
    ) async throws(ConfigurationError) -> StartedPlugins {
        do throws(StartedPlugins.Failure) {
            let plugins = instances.map { (name: $0.name, plugin: $0.middleware as any MiddlewarePlugin) }
            return try await StartedPlugins(starting: plugins, within: limit) { name in
                PluginSetup(name: name, app: app, logger: app.values.logger, folder: config.folder)
            }
        } catch {
            let path = instance(error.name)?.path ?? []
            if let mistake = error.error as? OptionsError {
                throw ConfigurationError([config.problem(for: mistake, at: path)])
            }
            let place = (global + chains.flatMap(\.steps)).first { $0.name == error.name }?.place ?? path
            let message = "\"\(error.name)\" could not start: \(error.error)"
            throw ConfigurationError([config.problem(at: place, message)])
        }
    }

    /// The chain that every request passes.
    ///
    /// Who observes its steps is told of those behind it, too, as is who stands in another chain; see ``makeWay(of:_:)``.
    func globalChain(of plugins: StartedPlugins) -> MiddlewareChain {
        var chain = chain(global, of: plugins)
        chain.measuresEnd = false
        return chain
    }

    /// What stands behind the global chain: the chains of paths, the routes, and the chains of these.
    ///
    /// It is laid here, once; a request compares its path with the scopes, and looks nothing else up.
    ///
    /// - Parameters:
    ///   - plugins: The started plug-ins.
    ///   - router: The routes.
    /// - Returns: The way, for the end of the global chain.
    /// - Throws: ``RouterError``, as the router does.
    func makeWay(of plugins: StartedPlugins, _ router: Router) throws(RouterError) -> Next {
        var router = router
        // The last one is put on first, so that the first of the file is the outermost.
        for chain in chains.reversed() {
            for scope in chain.scopes where scope.kind == .route {
                router.wrap(.pattern(scope.path), in: self.chain(chain.steps, of: plugins))
            }
        }
        let behind = chains.filter { !$0.isForRoutes }.map { (scopes: $0.scopes, steps: chain($0.steps, of: plugins)) }
        return try Self.way(through: behind[...], router, observedBy: globalChain(of: plugins).observer)
    }

    /// What stands behind some chains of paths, inside of them.
    ///
    /// Where nobody observes as yet and one of a chain does, all that is inside of it exists twice: for the requests that pass it, of
    /// whose steps and handler it is told, and for the others, which nobody measures.
    private static func way(
        through chains: ArraySlice<(scopes: [ChainScope], steps: MiddlewareChain)>,
        _ router: Router,
        observedBy observer: (any StepObserver)?
    ) throws(RouterError) -> Next {
        guard let (scopes, steps) = chains.first else { return try router.makeWay(observedBy: observer) }
        let past = try way(through: chains.dropFirst(), router, observedBy: observer)
        let inner = observer ?? steps.observer
        let isNew = observer == nil && inner != nil
        let inside = isNew ? try way(through: chains.dropFirst(), router, observedBy: inner) : past
        let chained = steps.way(to: inside, observedBy: inner)
        return Next(Fork({ request in scopes.contains { $0.contains(request.path) } }, to: chained, orTo: past))
    }

    private func chain(_ steps: [Step], of plugins: StartedPlugins) -> MiddlewareChain {
        MiddlewareChain(
            steps.compactMap { step in
                plugins[step.name].map { MiddlewareChain.Step(name: step.name, middleware: $0) }
            }
        )
    }
}
