import EventServer
import Synchronization

/// How far a request is answered: what is still to be done to its response, and what became of it.
final class Answering: Sendable {
    private struct State {
        /// None once the response is made: one that was kept would keep its context alive for ever, where it refers to that.
        var hooks: [@Sendable (inout Response) -> Void]? = []
        var outcome: ResponseOutcome?
    }

    private let state = Mutex(State())

    /// Whether the response can still be changed.
    var isOpen: Bool { state.withLock { $0.hooks != nil } }

    var outcome: ResponseOutcome? { state.withLock { $0.outcome } }

    /// Keeps a hook, unless there is a response already.
    func add(_ hook: @escaping @Sendable (inout Response) -> Void) { state.withLock { $0.hooks?.append(hook) } }

    /// The hooks, in the order in which they were added; the response is made.
    func takeHooks() -> [@Sendable (inout Response) -> Void] { state.withLock { $0.hooks.take() } ?? [] }

    func end(with outcome: ResponseOutcome) { state.withLock { $0.outcome = outcome } }
}
