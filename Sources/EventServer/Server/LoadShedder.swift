/// Decides which requests there is no time for.
///
/// A burst may wait: requests are refused only when all of them have waited too long for a while, as CoDel does it (RFC 8289).
/// What is refused costs next to nothing, so that the others are served in time again.
struct LoadShedder {
    /// How long a request may wait until it is looked at.
    let target: Duration
    /// For how long all requests have to have waited too long.
    let interval: Duration

    private var aboveSince: Duration?
    /// When the last request was looked at that had waited too long.
    private var lastAbove = Duration.zero
    private(set) var isShedding = false

    init(target: Duration, interval: Duration = .milliseconds(500)) {
        self.target = target
        self.interval = interval
    }

    /// Takes note of how long a request has waited.
    ///
    /// - Returns: Whether there is time for it.
    mutating func admits(waited: Duration, now: Duration) -> Bool {
        guard waited > target else {
            aboveSince = nil
            isShedding = false
            return true
        }
        // Nobody has waited for an interval: late requests with a calm between them are no overload, however many they are.
        if now - waited - lastAbove > interval { aboveSince = nil }
        lastAbove = now
        let since = aboveSince ?? now
        aboveSince = since
        isShedding = now - since >= interval
        return !isShedding
    }
}
