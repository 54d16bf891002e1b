import Synchronization

/// How many responses of a generation were faults (5xx): of late, and for one on probation since it began.
///
/// Two windows are kept, the one that runs and the one before it, so that an old quiet time does not hide a fresh trouble.
final class FaultCounter: Sendable {
    struct Count: Sendable, Equatable {
        var responses = 0
        var faults = 0

        var share: Double { responses == 0 ? 0 : Double(faults) / Double(responses) }
    }

    private struct State {
        var start: Duration
        var now = Count()
        var before = Count()
        /// The share of faults before the generation began.
        var usual = 0.0
        /// Called once, when too many responses are faults.
        var alarm: (@Sendable (Count) -> Void)?
    }

    private let window: Duration
    private let minimum: Int
    private let limit: Double
    private let clock: @Sendable () -> Duration
    private let state: Mutex<State>

    /// - Parameters:
    ///   - rollback: When a generation is taken back.
    ///   - clock: Tells the time, from any beginning.
    init(_ rollback: ReloadSettings.Rollback, clock: @escaping @Sendable () -> Duration) {
        window = rollback.window
        minimum = rollback.minimum
        limit = rollback.share
        self.clock = clock
        state = Mutex(State(start: clock()))
    }

    /// What was counted in the window that runs and the one before it.
    var recent: Count {
        let time = clock()
        return state.withLock { state in
            turn(&state, at: time)
            return Count(
                responses: state.now.responses + state.before.responses,
                faults: state.now.faults + state.before.faults
            )
        }
    }

    /// Waits for too many faults within one window from now on: the configured share, and more than there were before.
    ///
    /// - Parameters:
    ///   - before: What the generation before has counted.
    ///   - alarm: Called once, on the thread of the response that was one too many.
    func watch(since before: Count, alarm: @escaping @Sendable (Count) -> Void) {
        let time = clock()
        state.withLock { state in
            state = State(start: time, before: Count(), alarm: alarm)
            state.usual = before.share
        }
    }

    /// Counts a response.
    func count(isFault: Bool) {
        let time = clock()
        let alarm = state.withLock { state -> (@Sendable () -> Void)? in
            turn(&state, at: time)
            state.now.responses += 1
            if isFault { state.now.faults += 1 }
            let now = state.now
            guard let alarm = state.alarm, now.responses >= minimum, now.share >= limit, now.share > state.usual else {
                return nil
            }
            state.alarm = nil
            return { alarm(now) }
        }
        alarm?()
    }

    private func turn(_ state: inout State, at time: Duration) {
        guard time - state.start >= window else { return }
        state.before = time - state.start >= window * 2 ? Count() : state.now
        state.now = Count()
        state.start = time
        // One window long, a generation is on probation.
        state.alarm = nil
    }
}
