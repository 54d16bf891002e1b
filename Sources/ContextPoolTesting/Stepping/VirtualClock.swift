import ContextPool
import Synchronization

/// A clock that goes on when it is told to, and whose alarms are rung by whoever asks for the next that is due.
final class VirtualClock: Sendable {
    private struct Alarm {
        let number: Int
        let time: Duration
        let ring: @Sendable () -> Void
    }

    private struct State {
        var now = Duration.zero
        /// In the order in which they are to ring.
        var alarms: [Alarm] = []
        var nextNumber = 0

        var isDue: Bool { alarms.first.map { $0.time <= now } ?? false }
    }

    private let state = Mutex(State())

    var now: Duration { state.withLock { $0.now } }

    /// When the next alarm is to ring.
    var next: Duration? { state.withLock { $0.alarms.first?.time } }

    var isDue: Bool { state.withLock { $0.isDue } }

    /// Goes on, and never back.
    func advance(to time: Duration) { state.withLock { $0.now = max($0.now, time) } }

    /// Takes the next alarm that is due.
    func takeDue() -> (@Sendable () -> Void)? {
        state.withLock { $0.isDue ? $0.alarms.removeFirst().ring : nil }
    }

    /// The pool's view of it.
    func poolClock(wait: @escaping @Sendable (Duration?, () -> Bool) -> Bool) -> PoolClock {
        PoolClock(
            now: { self.now },
            alarm: { timeout, ring in
                let number = self.add(timeout, ring)
                return PoolClock.Alarm { self.remove(number) }
            },
            wait: wait
        )
    }

    private func add(_ timeout: Duration, _ ring: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.nextNumber += 1
            let alarm = Alarm(number: state.nextNumber, time: state.now + timeout.clampedToAges, ring: ring)
            let place = state.alarms.firstIndex { $0.time > alarm.time } ?? state.alarms.endIndex
            state.alarms.insert(alarm, at: place)
            return alarm.number
        }
    }

    private func remove(_ number: Int) {
        // It dies outside of the lock.
        _ = state.withLock { state in
            state.alarms.firstIndex { $0.number == number }.map { state.alarms.remove(at: $0) }
        }
    }
}
