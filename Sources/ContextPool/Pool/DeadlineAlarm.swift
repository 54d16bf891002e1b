import Synchronization

/// Calls back when deadlines pass: one alarm of the clock for all deadlines of a pool, and none where there are none.
///
/// Deadlines are rounded up to the hundredth of a second, so that those of one moment share a call. A hierarchical wheel, as
/// kernels have it, was not needed: a pool has few distinct hundredths at a time.
final class DeadlineAlarm: Sendable {
    /// A call that was asked for, to be taken back.
    struct Ticket: Sendable {
        fileprivate let tick: Int
        fileprivate let number: Int
    }

    private struct State {
        var calls: [Int: [Int: @Sendable () -> Void]] = [:]
        var nextNumber = 0
        /// What the next alarm is for; `nil` where there is none.
        var ringsAt: Int?
        var next: PoolClock.Alarm?
    }

    private static let ticksPerSecond = 100

    private let clock: PoolClock
    private let state = Mutex(State())

    init(clock: PoolClock) { self.clock = clock }

    deinit { state.withLock { $0.next.take() }?.stop() }

    /// Has `call` called, once, when `deadline` has passed: on a thread of the clock's, and not under a lock.
    func ring(at deadline: Duration, _ call: @escaping @Sendable () -> Void) -> Ticket {
        let tick = Self.tick(after: deadline)
        return state.withLock { state in
            state.nextNumber += 1
            state.calls[tick, default: [:]][state.nextNumber] = call
            if state.ringsAt.map({ tick < $0 }) ?? true { setAlarm(to: tick, &state) }
            return Ticket(tick: tick, number: state.nextNumber)
        }
    }

    /// Has `call` called when `deadline` has passed, unless `promise` is complete before.
    func ring(at deadline: Duration, unlessEnded promise: any Promise, _ call: @escaping @Sendable () -> Void) {
        let ticket = ring(at: deadline, call)
        if promise.whenEnded({ self.cancel(ticket) }) == nil { cancel(ticket) }
    }

    /// Has `job` stopped when `deadline` has passed, unless its future is complete before.
    func stop(_ job: any Job, at deadline: Duration, unlessEnded promise: any Promise) {
        ring(at: deadline, unlessEnded: promise) { [weak job] in job?.stop(.deadlinePassed(job?.submission.site)) }
    }

    /// Forgets a call; one that has been made already is no mistake.
    func cancel(_ ticket: Ticket) {
        // What leaves dies outside of the lock.
        let (_, alarm) = state.withLock { state in
            let call = state.calls[ticket.tick]?.removeValue(forKey: ticket.number)
            if state.calls[ticket.tick]?.isEmpty == true { state.calls[ticket.tick] = nil }
            guard state.calls.isEmpty else { return (call, PoolClock.Alarm?.none) }
            state.ringsAt = nil
            return (call, state.next.take())
        }
        alarm?.stop()
    }

    private func setAlarm(to tick: Int, _ state: inout State) {
        state.next?.stop()
        state.ringsAt = tick
        let time = Duration.milliseconds(tick * 1000 / Self.ticksPerSecond)
        state.next = clock.alarm(time - clock.now()) { [weak self] in self?.ringDue() }
    }

    private func ringDue() {
        let now = clock.now()
        let due = state.withLock { state in
            var due: [@Sendable () -> Void] = []
            for tick in state.calls.keys.sorted() where Duration.milliseconds(tick * 1000 / Self.ticksPerSecond) <= now
            {
                due += state.calls.removeValue(forKey: tick)?.sorted { $0.key < $1.key }.map(\.value) ?? []
            }
            state.ringsAt = nil
            if let next = state.calls.keys.min() { setAlarm(to: next, &state) }
            return due
        }
        for call in due { call() }
    }

    private static func tick(after deadline: Duration) -> Int {
        let (seconds, attoseconds) = deadline.clampedToAges.components
        return Int(seconds) * ticksPerSecond + Int(attoseconds / 10_000_000_000_000_000) + 1
    }

    /// How many calls are waited for.
    var count: Int { state.withLock { $0.calls.values.reduce(0) { $0 + $1.count } } }
}
