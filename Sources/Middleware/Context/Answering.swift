import EventServer
import Synchronization

/// How far a request is answered: what is still to be done to its response, and what became of it.
final class Answering: Sendable {
    private struct State {
        /// What is to be done to the response; the first one apart, since an array for one is an allocation for each request.
        ///
        /// None once the response is made: one that was kept would keep its context alive for ever, where it refers to that.
        var first: Hook?
        var others: [Hook] = []
        var isOpen = true
        var outcome: ResponseOutcome?
        /// What the request holds on to until it has ended.
        var lease: (any AnyObject & Sendable)?
    }

    /// In a struct: bare, a closure that is kept in generic hands gets a wrapping, which is an allocation each time.
    private struct Hook: Sendable {
        let change: @Sendable (inout Response) -> Void
    }

    private let state: Mutex<State>

    init(lease: (any AnyObject & Sendable)? = nil) { state = Mutex(State(lease: lease)) }

    /// Whether the response can still be changed.
    var isOpen: Bool { state.withLock { $0.isOpen } }

    var outcome: ResponseOutcome? { state.withLock { $0.outcome } }

    /// Keeps a hook, unless there is a response already.
    func add(_ change: @escaping @Sendable (inout Response) -> Void) {
        let hook = Hook(change: change)
        state.withLock { state in
            guard state.isOpen else { return }
            if state.first == nil { state.first = hook } else { state.others.append(hook) }
        }
    }

    /// Runs the hooks, in the order in which they were added; the response is made.
    func finish(_ response: inout Response) {
        let (first, others) = state.withLock { state in
            defer {
                state.isOpen = false
                state.first = nil
                state.others = []
            }
            return (state.first, state.others)
        }
        first?.change(&response)
        for hook in others { hook.change(&response) }
    }

    /// The request has ended.
    ///
    /// - Returns: What it held on to, for whoever has still to do for it; outside of the lock, since with that a whole generation may die.
    func end(with outcome: ResponseOutcome) -> (any AnyObject & Sendable)? {
        state.withLock { state in
            state.outcome = outcome
            return state.lease.take()
        }
    }
}
