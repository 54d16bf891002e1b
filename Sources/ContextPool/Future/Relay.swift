import Synchronization

/// Takes the cancellation of a `flatMap` on to the future that it is waiting for.
final class Relay<Value: Sendable>: Cancellable {
    private struct State {
        var first: Future<Future<Value>>?
        var second: Future<Value>?
        var isFlagged = false
    }

    private let state: Mutex<State>

    init(_ first: Future<Future<Value>>) { state = Mutex(State(first: first)) }

    /// The first future is complete, and `second` is waited for.
    func goesOn(with second: Future<Value>) {
        let (first, isFlagged) = state.withLock { state in
            state.second = second
            return (state.first.take(), state.isFlagged)
        }
        withExtendedLifetime(first) {}
        if isFlagged { second.cancel() }
    }

    func leaveQueue() { state.withLock { $0.first }?.cancel() }

    func ended() {}

    func flag() {
        let second = state.withLock { state in
            state.isFlagged = true
            return state.second
        }
        second?.cancel()
    }
}
