import Synchronization

/// What one library hands over while its entry point runs.
///
/// It is bound as a task-local. A library with a copy of this module inside sees nothing bound in its copy, and so hands
/// nothing over: no type of such a copy can ever get into a chain.
package final class PluginHandOver: Sendable {
    private struct State {
        var plugins: [any MiddlewarePlugin.Type] = []
        var fits = true
        var refusal: String?
    }

    @TaskLocal static var current: PluginHandOver?

    private let state = Mutex(State())

    /// Calls an entry point, and takes what it hands over.
    ///
    /// - Parameter entryPoint: The entry point.
    package init(calling entryPoint: () -> Void) {
        Self.$current.withValue(self) { entryPoint() }
    }

    /// The types, in the order in which they came.
    package var plugins: [any MiddlewarePlugin.Type] { state.withLock { $0.plugins } }

    /// Whether Baton's types have the same size to the plug-in as they have here.
    package var fits: Bool { state.withLock { $0.fits } }

    /// Why the plug-in hands nothing over, where it says so.
    package var refusal: String? { state.withLock { $0.refusal } }

    func add(_ plugins: [any MiddlewarePlugin.Type], fits: Bool) {
        state.withLock { state in
            state.plugins += plugins
            state.fits = state.fits && fits
        }
    }

    func refuse(_ reason: String) { state.withLock { $0.refusal = reason } }
}
