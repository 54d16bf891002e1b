/// The time as a pool sees it, so that a test can hold it in its hands.
///
/// Everything that waits with a time limit and holds no thread asks for an alarm here: deadlines, shutdowns, and futures of
/// which several are waited for. That is a callback and no `sleep`, since a clock that is held by hand must know by itself who
/// waits; a task that is about to sleep is known to nobody.
///
/// `any Clock` of the standard library cannot be asked for its time without knowing the type of its instants, and a pool that
/// were generic over its clock would make every future and context generic, too.
package struct PoolClock: Sendable {
    /// An alarm that was asked for, to be taken back.
    package struct Alarm: Sendable {
        /// Forgets the alarm; one that has rung already is no mistake.
        package let stop: @Sendable () -> Void

        package init(stop: @escaping @Sendable () -> Void) { self.stop = stop }
    }

    /// The time since some moment; it never goes back.
    package let now: @Sendable () -> Duration

    /// Has a callback made once, when a while has passed: not before this returns, not under a lock, and without the context
    /// of the caller, since a request must not live for as long as the longest timeout that somebody set in it.
    package let alarm: @Sendable (_ timeout: Duration, _ ring: @escaping @Sendable () -> Void) -> Alarm

    /// Takes the place of blocking until `isOver`, in a pool that is stepped by hand.
    ///
    /// It returns `false` where the time has passed before, or nothing is left that could go on. With `nil` threads block.
    package let wait: (@Sendable (_ timeout: Duration?, _ isOver: () -> Bool) -> Bool)?

    package init(
        now: @escaping @Sendable () -> Duration,
        alarm: @escaping @Sendable (_ timeout: Duration, _ ring: @escaping @Sendable () -> Void) -> Alarm,
        wait: (@Sendable (_ timeout: Duration?, _ isOver: () -> Bool) -> Bool)? = nil
    ) {
        self.now = now
        self.alarm = alarm
        self.wait = wait
    }

    /// The machine's monotonic clock; alarms ring on threads of Swift's own.
    package static let continuous: PoolClock = {
        let start = ContinuousClock.now
        return PoolClock(
            now: { ContinuousClock.now - start },
            alarm: { timeout, ring in
                let sleeper = Task.detached {
                    do { try await Task.sleep(for: timeout.clampedToAges) } catch { return }
                    ring()
                }
                return Alarm { sleeper.cancel() }
            }
        )
    }()
}
