/// Plug-ins that were started together, and are stopped together.
package struct StartedPlugins: Sendable {
    /// A plug-in that could not start.
    package struct Failure: Error {
        /// What it is called in the chain.
        package let name: String
        package let error: any Error
    }

    /// A plug-in that takes too long.
    private struct TooSlow: Error, CustomStringConvertible {
        let limit: Duration

        var description: String {
            """
            it had not started after \(limit). See what it waits for, or give it more time (server.timeouts.start). It was told to \
            end, and left behind.
            """
        }
    }

    /// The plug-ins by what they are called, in the order in which they were started.
    private let plugins: [(name: String, plugin: any MiddlewarePlugin)]

    /// Starts plug-ins, one after the other.
    ///
    /// Where one fails, those that were started before it are stopped in reverse order. One that starts after all, when nobody
    /// waits for it any more, is stopped, too.
    ///
    /// - Parameters:
    ///   - plugins: The plug-ins, by what they are called.
    ///   - limit: How long each may take, and how long all of those may take to stop.
    ///   - sleep: Lets the time pass.
    ///   - makeSetup: What each one gets.
    /// - Throws: ``Failure`` with the error of the plug-in that could not start, or of the task that was cancelled.
    package init(
        starting plugins: [(name: String, plugin: any MiddlewarePlugin)],
        within limit: Duration = .seconds(60),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Alarms.shared.sleep(for: $0) },
        with makeSetup: (_ name: String) -> PluginSetup
    ) async throws(Failure) {
        var started: [(name: String, plugin: any MiddlewarePlugin)] = []
        for (name, plugin) in plugins {
            let setup = makeSetup(name)
            do {
                try Task.checkCancellation()
                started.append((name, try await Self.start(plugin, in: setup, within: limit, sleep)))
            } catch {
                let running = started
                // It says nothing where this is not enough: what is told of is the reason.
                try? await BoundedWait.run(within: limit, sleep: sleep) { await Self.stop(running) }
                throw Failure(name: name, error: error is BoundedWait.TimeIsUp ? TooSlow(limit: limit) : error)
            }
        }
        self.plugins = started
    }

    private static func start(
        _ plugin: any MiddlewarePlugin,
        in setup: PluginSetup,
        within limit: Duration,
        _ sleep: @escaping @Sendable (Duration) async throws -> Void
    ) async throws -> any MiddlewarePlugin {
        try await BoundedWait.run(within: limit, sleep: sleep) {
            var plugin = plugin
            try await plugin.start(in: setup)
            return plugin
        } takeBack: { plugin in
            await plugin.stop()
        }
    }

    /// The plug-in of a name, as it is after its start.
    package subscript(name: String) -> (any MiddlewarePlugin)? { plugins.first { $0.name == name }?.plugin }

    /// Stops all, in the reverse order of their start; to be called once.
    package func stop() async { await Self.stop(plugins) }

    private static func stop(_ plugins: [(name: String, plugin: any MiddlewarePlugin)]) async {
        for (_, plugin) in plugins.reversed() { await plugin.stop() }
    }
}
