/// The time as a pool sees it, so that a test can hold it in its hands.
///
/// `any Clock` of the standard library cannot be asked for its time without knowing the type of its instants, and a pool that
/// were generic over its clock would make every future and context generic, too.
package struct PoolClock: Sendable {
    /// The time since some moment; it never goes back.
    package let now: @Sendable () -> Duration

    /// Suspends for a while, or throws when the task is cancelled.
    package let sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's monotonic clock.
    package static let continuous: PoolClock = {
        let start = ContinuousClock.now
        return PoolClock(
            now: { ContinuousClock.now - start },
            sleep: { try await Task.sleep(for: $0.clampedToAges) }
        )
    }()
}
