import Synchronization

/// Takes what ends a `flatMap` early on to the future that it is waiting for.
///
/// The one that it waits for first is a step, which ends with its request and by its deadline; while it waits for the second
/// one, it has to hear of both itself.
final class Relay<Value: Sendable>: Cancellable {
    private struct State {
        var first: Future<Future<Value>>?
        var second: Future<Value>?
        var isFlagged = false
    }

    private let limits: StepLimits
    private let state: Mutex<State>

    /// - Parameters:
    ///   - first: The step whose value is the second future.
    ///   - limits: What ends the `flatMap` from outside.
    init(_ first: Future<Future<Value>>, limits: StepLimits) {
        self.limits = limits
        state = Mutex(State(first: first))
    }

    /// The first future is complete: `outer` has the outcome of `second` from now on, or the error that ends it before.
    func go(on second: Future<Value>, for outer: Future<Value>) {
        let (first, isFlagged) = state.withLock { state in
            state.second = second
            return (state.first.take(), state.isFlagged)
        }
        withExtendedLifetime(first) {}
        // The second one may wait for whoever waits for this, or for this itself.
        WaitGraph.change(self, to: second)
        guard !WaitGraph.closesCircle(self, to: second) else {
            outer.settle(.failure(ContextPoolError.circularFlatMap(limits.site)))?.tellAll()
            return
        }
        if isFlagged { second.cancel() }
        guard let number = second.follow({ outer.settle($0.result) }) else { return }
        // The second one is left alone: it may be that of others, and a job of this request is stopped by the request.
        let forget: @Sendable () -> Void = { [weak second] in second?.forget(number) }
        if outer.whenEnded(forget) == nil { forget() }
        limits.end(outer) { [weak outer] error in
            // Nobody wants the outcome any more, which so is no failure that nobody has seen.
            outer?.completion.ask()
            outer?.settle(.failure(error))?.tellAll()
        }
    }

    func leaveQueue() { state.withLock { $0.first }?.cancel() }

    func ended() {}

    func flag() {
        let second = state.withLock { state -> Future<Value>? in
            // Once: in a circle it would come back.
            guard !state.isFlagged else { return nil }
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
