import Middleware

extension Application {
    /// Checks all of the configuration: the settings, the chains, and the options of all middleware; nothing is started.
    ///
    /// - Returns: The names of the middleware that every request passes, outermost first.
    /// - Throws: ``ConfigurationError`` with all mistakes.
    @discardableResult
    public func checkChain() throws(ConfigurationError) -> [String] { try makePlan().global.map(\.name) }

    /// What is not wrong with the configuration, but most likely not meant, a line for each.
    ///
    /// That is, options of a middleware that is in no chain. A server writes the lines to its log when it starts and when it reloads.
    ///
    /// - Throws: ``ConfigurationError`` with all mistakes.
    public var configurationWarnings: [String] {
        get throws(ConfigurationError) { try makePlan().warnings.map(\.description) }
    }

    /// Makes the middleware that the configuration names; none is started.
    func makePlan() throws(ConfigurationError) -> ChainPlan {
        let plugins = loadPlugins()
        var reader = ChainReader(
            config: config,
            settings: settings,
            plugins: plugins,
            routes: router.routes.map(\.pattern)
        )
        let plan = reader.read()
        let unknown = config.unknownVariables(
            known: variables.union(reader.variables),
            sparing: reader.isSpared
        )
        let found = problems + plugins.problems + reader.problems + unknown
        guard found.isEmpty else { throw ConfigurationError(found) }
        return plan
    }
}

extension Application {
    /// The keys outside of the middleware that are different in another reading of the configuration, though a running server
    /// cannot follow: addresses, loops, limits, the pool, the log.
    func fixedKeysChanged(in next: Application) -> [String] {
        let isSame =
            settings.server == next.settings.server && settings.pool == next.settings.pool
            && settings.logLevel == next.settings.logLevel && settings.logFormat == next.settings.logFormat
        guard !isSame else { return [] }
        return Set(fixedValues.keys).union(next.fixedValues.keys)
            .filter { fixedValues[$0] != next.fixedValues[$0] }
            .sorted()
    }
}
