/// Measures how long events wait for their turn on a loop.
///
/// What is ready is handled in batches: the last event of a batch has waited for all the others, and what became ready
/// meanwhile waits for the next batch. libevent has no hook around its waiting for events (2.2 will), so the beginning and
/// the end of a batch are found from within.
struct QueueClock {
    /// Batches that are no further apart follow each other without rest; the clock is a few milliseconds coarse.
    private static let rest = Duration.milliseconds(8)

    private var start: Duration?
    private var end = Duration.zero
    private var length = Duration.zero
    private var carried = Duration.zero

    var isInBatch: Bool { start != nil }

    mutating func begin(_ now: Duration) {
        carried = now - end <= Self.rest ? length : .zero
        start = now
    }

    mutating func finish(_ now: Duration) {
        guard let start else { return }
        length = now - start
        end = now
        self.start = nil
    }

    /// How long what is handled now may have waited.
    func waited(_ now: Duration) -> Duration {
        guard let start else { return .zero }
        return carried + (now - start)
    }
}
