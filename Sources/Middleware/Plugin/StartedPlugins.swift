/// Plug-ins that were started together, and are stopped together.
package struct StartedPlugins: Sendable {
    /// A plug-in that could not start.
    package struct Failure: Error {
        /// What it is called in the chain.
        package let name: String
        package let error: any Error
    }

    /// The plug-ins by what they are called, in the order in which they were started.
    private let plugins: [(name: String, plugin: any MiddlewarePlugin)]

    /// Starts plug-ins, one after the other.
    ///
    /// Where one fails, those that were started before it are stopped in reverse order.
    ///
    /// - Parameters:
    ///   - plugins: The plug-ins, by what they are called.
    ///   - makeSetup: What each one gets.
    /// - Throws: ``Failure`` with the error of the plug-in that could not start, or of the task that was cancelled.
    package init(
        starting plugins: [(name: String, plugin: any MiddlewarePlugin)],
        with makeSetup: (_ name: String) -> PluginSetup
    ) async throws(Failure) {
        var started: [(name: String, plugin: any MiddlewarePlugin)] = []
        for (name, plugin) in plugins {
            var plugin = plugin
            do {
                try Task.checkCancellation()
                try await plugin.start(in: makeSetup(name))
            } catch {
                await Self.stop(started)
                throw Failure(name: name, error: error)
            }
            started.append((name, plugin))
        }
        self.plugins = started
    }

    /// The plug-in of a name, as it is after its start.
    package subscript(name: String) -> (any MiddlewarePlugin)? { plugins.first { $0.name == name }?.plugin }

    /// Stops all, in the reverse order of their start; to be called once.
    package func stop() async { await Self.stop(plugins) }

    private static func stop(_ plugins: [(name: String, plugin: any MiddlewarePlugin)]) async {
        for (_, plugin) in plugins.reversed() { await plugin.stop() }
    }
}
