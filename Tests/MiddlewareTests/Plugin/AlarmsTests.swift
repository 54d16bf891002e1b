import Synchronization
import TestSupport
import Testing

@testable import Middleware

@Suite struct AlarmsTests {
    /// Time that passes when the test says so, and the wake-ups that were asked for.
    private final class Time: Sendable {
        private let state = Mutex<(now: Duration, calls: [(at: Duration, call: @Sendable () -> Void)])>((.zero, []))

        var asked: Int { state.withLock { $0.calls.count } }

        func makeAlarms() -> Alarms {
            Alarms(
                now: { self.state.withLock { $0.now } },
                wake: { time, call in self.state.withLock { $0.calls.append(($0.now + time, call)) } }
            )
        }

        func pass(_ time: Duration) {
            let due = state.withLock { state in
                state.now += time
                let due = state.calls.filter { $0.at <= state.now }
                state.calls.removeAll { $0.at <= state.now }
                return due
            }
            for entry in due { entry.call() }
        }
    }

    private let time = Time()

    private func waitUntil(_ count: Int, sleepIn alarms: Alarms) async {
        while alarms.count != count { await Task.yield() }
    }

    @Test func `who sleeps wakes when the time is up, and not before`() async throws {
        let alarms = time.makeAlarms()
        let short = Task { try await alarms.sleep(for: .seconds(1)) }
        let long = Task { try await alarms.sleep(for: .seconds(5)) }
        await waitUntil(2, sleepIn: alarms)
        time.pass(.milliseconds(999))
        #expect(alarms.count == 2)
        time.pass(.milliseconds(20))
        try await short.value
        #expect(alarms.count == 1)
        time.pass(.seconds(5))
        try await long.value
        #expect(alarms.count == 0)
    }

    @Test func `who is cancelled wakes at once, and nothing of him is left`() async throws {
        let alarms = time.makeAlarms()
        for _ in 0..<200 {
            let sleeping = Task { try await alarms.sleep(for: .seconds(60)) }
            await waitUntil(1, sleepIn: alarms)
            sleeping.cancel()
            await #expect(throws: CancellationError.self) { try await sleeping.value }
        }
        #expect(alarms.count == 0)
        // All have shared the wake-up that the first has asked for.
        #expect(time.asked == 1)
    }

    @Test func `who was cancelled before does not lie down`() async throws {
        let alarms = time.makeAlarms()
        let sleeping = Task {
            await untilCancelled()
            try await alarms.sleep(for: .seconds(60))
        }
        sleeping.cancel()
        await #expect(throws: CancellationError.self) { try await sleeping.value }
        #expect(alarms.count == 0)
    }

    @Test func `who wants to wake earlier than all others does`() async throws {
        let alarms = time.makeAlarms()
        let long = Task { try await alarms.sleep(for: .seconds(60)) }
        await waitUntil(1, sleepIn: alarms)
        let short = Task { try await alarms.sleep(for: .seconds(1)) }
        await waitUntil(2, sleepIn: alarms)
        time.pass(.seconds(2))
        try await short.value
        time.pass(.seconds(60))
        try await long.value
    }

    @Test func `short sleeps leave no wake-ups behind for one that is long`() async throws {
        let alarms = time.makeAlarms()
        let long = Task { try await alarms.sleep(for: .seconds(3600)) }
        await waitUntil(1, sleepIn: alarms)
        for _ in 0..<50 {
            let short = Task { try await alarms.sleep(for: .milliseconds(50)) }
            await waitUntil(2, sleepIn: alarms)
            short.cancel()
            await #expect(throws: CancellationError.self) { try await short.value }
            time.pass(.milliseconds(100))
        }
        #expect(time.asked <= 2)
        time.pass(.seconds(3600))
        try await long.value
    }

    /// A clock that goes on when the test says so, and tells when somebody sleeps by it.
    private final class HandClock: Clock {
        private struct State {
            var now: ContinuousClock.Instant
            var sleepers: [(until: ContinuousClock.Instant, wake: CheckedContinuation<Void, Never>)] = []
        }

        let asleep = Gate()
        let minimumResolution = Duration.nanoseconds(1)
        private let start = ContinuousClock.now
        private let state: Mutex<State>

        init() { state = Mutex(State(now: start)) }

        var now: ContinuousClock.Instant { state.withLock { $0.now } }
        var alarms: [Duration] { state.withLock { $0.sleepers.map { start.duration(to: $0.until) } } }

        func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async {
            await withCheckedContinuation { sleeper in
                state.withLock { $0.sleepers.append((deadline, sleeper)) }
                asleep.open()
            }
        }

        func pass(_ time: Duration) {
            let due = state.withLock { state in
                state.now += time
                let due = state.sleepers.filter { $0.until <= state.now }
                state.sleepers.removeAll { $0.until <= state.now }
                return due
            }
            for sleeper in due { sleeper.wake.resume() }
        }
    }

    @Test func `a clock tells the time, and wakes`() async throws {
        let clock = HandClock()
        let alarms = Alarms(clock: clock)
        clock.pass(.seconds(7))
        let sleeping = Task { try await alarms.sleep(for: .milliseconds(30)) }
        await clock.asleep.opened()
        // Rounded up to the next hundredth, so that nobody wakes early.
        #expect(clock.alarms == [.milliseconds(7040)])
        clock.pass(.milliseconds(39))
        #expect(alarms.count == 1)
        clock.pass(.milliseconds(1))
        try await sleeping.value
        #expect(alarms.count == 0)
    }

    @Test func `the one for everybody takes any time, and wakes who is cancelled`() async throws {
        let sleeping = Task { try await Alarms.shared.sleep(for: .seconds(Int64.max)) }
        sleeping.cancel()
        await #expect(throws: CancellationError.self) { try await sleeping.value }
    }
}
