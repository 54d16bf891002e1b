import Synchronization

@testable import ContextPool

/// A clock that goes on when the test says so.
final class ManualClock: Sendable {
    private struct State {
        var now = Duration.zero
        var alarms: [(number: Int, time: Duration, ring: @Sendable () -> Void)] = []
        var nextNumber = 0
    }

    private let state = Mutex(State())

    /// The pool's view of it.
    var clock: PoolClock {
        PoolClock(
            now: { self.state.withLock { $0.now } },
            alarm: { timeout, ring in
                let number = self.state.withLock { state in
                    state.nextNumber += 1
                    state.alarms.append((state.nextNumber, state.now + timeout.clampedToAges, ring))
                    return state.nextNumber
                }
                return PoolClock.Alarm {
                    _ = self.state.withLock { state in
                        let alarms = state.alarms
                        state.alarms.removeAll { $0.number == number }
                        return alarms
                    }
                }
            }
        )
    }

    /// When the alarms will ring, in the order in which they were asked for.
    var alarms: [Duration] { state.withLock { $0.alarms.map(\.time) } }

    /// Goes on, and rings what is due, on the calling thread.
    func advance(by time: Duration) {
        let due = state.withLock { state in
            state.now += time
            let due = state.alarms.filter { $0.time <= state.now }
            state.alarms.removeAll { $0.time <= state.now }
            return due
        }
        for alarm in due { alarm.ring() }
    }

    /// A pool that goes by this clock, with threads of its own.
    func makePool(workers: Int) throws -> ContextPool {
        let queue = JobQueue(pool: "timed", limit: 100, workers: workers, clock: clock)
        let pool = ContextPool(name: "timed", queue: queue, workers: workers)
        for number in 0..<workers {
            try Worker.start(name: "timed", number: number, queue: queue, prepare: nil, canary: pool.canary)
        }
        return pool
    }

    /// A future that goes by this clock, and that the test completes itself.
    func promise<Value: Sendable>(of type: Value.Type = Value.self) -> Future<Value> {
        .promise(home: FutureHome(queue: JobQueue(pool: "timed", limit: 1, workers: 0, clock: clock)))
    }
}
