/// How long a client may still keep the server waiting.
///
/// Waiting uses it up, and bytes buy it back at a minimum rate: who sends or takes slowly but steadily may go on for ever, who
/// does just enough to look alive may not.
struct Patience {
    private var left: Duration?
    private var waitingSince: Duration?

    /// Begins to wait.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - limit: How long a client may keep the server waiting that does nothing.
    /// - Returns: When the patience is at its end.
    mutating func begin(_ now: Duration, limit: Duration) -> Duration {
        suspend(now)
        let left = left ?? limit
        self.left = left
        waitingSince = now
        return now + left
    }

    /// Waits no more for now.
    mutating func suspend(_ now: Duration) {
        if let waitingSince, let left { self.left = max(.zero, left - (now - waitingSince)) }
        waitingSince = nil
    }

    /// Bytes have come, or were taken.
    mutating func earn(_ count: Int, rate: Int, limit: Duration) {
        guard rate > 0 else {
            left = limit
            return
        }
        // All of it is left.
        guard let left else { return }
        // A second's worth at a time, so that no count can overflow.
        let seconds = Double(count) / Double(rate)
        let earned = Duration.seconds(min(seconds, 86_400))
        self.left = min(limit, left + earned)
    }
}
