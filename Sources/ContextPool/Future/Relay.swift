import Synchronization

/// Takes what ends a `flatMap` early on to the future that it is waiting for.
///
/// The one that it waits for first is a step, which its request stops; while it waits for the second one, it has to hear
/// of its request itself.
final class Relay<Value: Sendable>: Cancellable {
    private struct State {
        var first: Future<Future<Value>>?
        var second: Future<Value>?
        var isFlagged = false
    }

    private let life: RequestLife?
    private let state: Mutex<State>

    /// - Parameters:
    ///   - first: The step whose value is the second future.
    ///   - life: That of the request in which the `flatMap` was added, if it goes with one.
    init(_ first: Future<Future<Value>>, life: RequestLife?) {
        self.life = life
        state = Mutex(State(first: first))
    }

    /// The first future is complete: `outer` has the outcome of `second` from now on, or the error of its request.
    func go(on second: Future<Value>, for outer: Future<Value>) {
        let (first, isFlagged) = state.withLock { state in
            state.second = second
            return (state.first.take(), state.isFlagged)
        }
        withExtendedLifetime(first) {}
        // The second one may wait for whoever waits for this.
        WaitGraph.change(self, to: second)
        if isFlagged { second.cancel() }
        let number = second.follow { outer.settle($0.result) }
        guard let number, let life else { return }
        // The second one is left alone: it may be that of others, and a job of this request is stopped by the request.
        let callback = life.add { outer.settle(.failure(ContextPoolError.requestCancelled(nil)))?.tellAll() }
        outer.observe { _ in
            second.forget(number)
            if let callback { life.removeCallback(callback) }
        }
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

    var sources: Sources {
        let (first, second) = state.withLock { ($0.first, $0.second) }
        if let second { return Sources(futures: [second]) }
        return Sources(futures: first.map { [$0] } ?? [])
    }
}
