import Synchronization

/// Sleeps of which nothing is left when they are cancelled.
///
/// `Task.sleep` keeps some hundred bytes until its time is up, also when it was cancelled long before: with a limit of 30 seconds
/// on each request, whatever they take, those of the last 30 seconds stay. Here all who sleep share one wake-up.
package final class Alarms: Sendable {
    private typealias Sleeper = CheckedContinuation<Void, any Error>

    private struct State {
        /// Who sleeps, by the hundredth of a second after which to wake, and by number.
        var sleepers: [Int: [Int: Sleeper]] = [:]
        var nextNumber = 0
        /// The wake-ups to come, the next one last; one that is asked for cannot be taken back, and finds nobody then.
        var wakeUps: [Int] = []
    }

    private static let ticksPerSecond = 100

    /// The one for everybody.
    package static let shared = Alarms(clock: ContinuousClock())

    private let state = Mutex(State())
    private let now: @Sendable () -> Duration
    private let wake: @Sendable (_ after: Duration, _ call: @escaping @Sendable () -> Void) -> Void

    /// - Parameters:
    ///   - now: The time since some moment; it never goes back.
    ///   - wake: Calls back once, when a while has passed, and not before it returns.
    init(
        now: @escaping @Sendable () -> Duration,
        wake: @escaping @Sendable (_ after: Duration, _ call: @escaping @Sendable () -> Void) -> Void
    ) {
        self.now = now
        self.wake = wake
    }

    /// - Parameter clock: What to go by.
    convenience init(clock: some Clock<Duration>) {
        let start = clock.now
        self.init(
            now: { start.duration(to: clock.now) },
            wake: { time, call in
                let end = clock.now.advanced(by: time)
                Task.detached {
                    try? await clock.sleep(until: end, tolerance: nil)
                    call()
                }
            }
        )
    }

    /// Lets a while pass, rounded up to the hundredth of a second.
    ///
    /// - Parameter time: How long; a year at most.
    /// - Throws: `CancellationError`, at once, when the task is cancelled.
    package func sleep(for time: Duration) async throws {
        let limited = max(.zero, min(time, .seconds(365 * 86_400)))
        let (seconds, attoseconds) = (now() + limited).components
        let tick = Int(seconds) * Self.ticksPerSecond + Int(attoseconds / 10_000_000_000_000_000) + 1
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { sleeper in
                state.withLock { $0.sleepers[tick, default: [:]][number] = sleeper }
                // Cancelled before it lay down.
                if Task.isCancelled { cancel(number, at: tick) }
                askForWakeUp()
            }
        } onCancel: {
            cancel(number, at: tick)
        }
    }

    /// How many sleep.
    var count: Int { state.withLock { $0.sleepers.values.reduce(0) { $0 + $1.count } } }

    private func cancel(_ number: Int, at tick: Int) {
        let sleeper = state.withLock { state in
            let sleeper = state.sleepers[tick]?.removeValue(forKey: number)
            if state.sleepers[tick]?.isEmpty == true { state.sleepers[tick] = nil }
            return sleeper
        }
        sleeper?.resume(throwing: CancellationError())
    }

    private func askForWakeUp() {
        let next = state.withLock { state -> Int? in
            guard let first = state.sleepers.keys.min(), first < state.wakeUps.last ?? .max else { return nil }
            state.wakeUps.append(first)
            return first
        }
        guard let next else { return }
        wake(Duration.milliseconds(next * 1000 / Self.ticksPerSecond) - now()) { [weak self] in self?.wakeUp(at: next) }
    }

    private func wakeUp(at tick: Int) {
        let now = now()
        let due = state.withLock { state in
            if let index = state.wakeUps.lastIndex(of: tick) { state.wakeUps.remove(at: index) }
            let ticks = state.sleepers.keys.filter { Duration.milliseconds($0 * 1000 / Self.ticksPerSecond) <= now }
            return ticks.flatMap { state.sleepers.removeValue(forKey: $0)?.values.map(\.self) ?? [] }
        }
        for sleeper in due { sleeper.resume() }
        askForWakeUp()
    }
}
