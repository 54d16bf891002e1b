import Synchronization

@testable import ContextPool

/// A clock that goes on when the test says so.
final class ManualClock: Sendable {
    private struct State {
        var now = Duration.zero
        var sleepers: [(until: Duration, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// The pool's view of it; sleepers whose task is cancelled wake with the next ``advance(by:)``.
    var clock: PoolClock {
        PoolClock(
            now: { self.state.withLock { $0.now } },
            sleep: { time in
                await withCheckedContinuation { continuation in
                    let isDue = self.state.withLock { state in
                        if time <= .zero { return true }
                        state.sleepers.append((state.now + time, continuation))
                        return false
                    }
                    if isDue { continuation.resume() }
                }
                try Task.checkCancellation()
            }
        )
    }

    /// How many sleep.
    var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    func advance(by time: Duration) {
        let due = state.withLock { state in
            state.now += time
            let due = state.sleepers.filter { $0.until <= state.now }
            state.sleepers.removeAll { $0.until <= state.now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }
}
