import Synchronization

/// How often somebody may come: the generic cell rate algorithm (GCRA, ITU-T I.371), which keeps one time for each.
///
/// That is the time at which he would have used up nothing, had he come evenly. Nobody is let in twice at the turn of a
/// window, as counters of windows do it.
final class RateLimit<Key: Hashable & Sendable>: Sendable {
    /// What is said to one who came.
    struct Verdict: Sendable, Equatable {
        let isAllowed: Bool
        /// How many may come at once now.
        let remaining: Int
        /// When all is as if nobody had come.
        let reset: Duration
        /// When the next may come; zero where that is now.
        let retryAfter: Duration
    }

    /// How many may come at once.
    let burst: Int
    /// How long it takes until one more may come.
    let interval: Duration

    private let capacity: Int
    private let now: @Sendable () -> Duration
    private let arrivals = Mutex<[Key: Duration]>([:])

    /// - Parameters:
    ///   - burst: How many may come at once, at least 1.
    ///   - interval: How long it takes until one more may come.
    ///   - capacity: How many are kept in mind.
    ///   - now: The time since some moment.
    init(burst: Int, interval: Duration, capacity: Int = 100_000, now: @escaping @Sendable () -> Duration) {
        self.burst = burst
        self.interval = interval
        self.capacity = capacity
        self.now = now
    }

    /// How many are kept in mind.
    var count: Int { arrivals.withLock { $0.count } }

    /// One has come.
    func admit(_ key: Key) -> Verdict {
        let now = now()
        return arrivals.withLock { arrivals in
            let due = max(arrivals[key] ?? now, now)
            let next = due + interval
            let debt = next - now
            let allowance = interval * burst
            guard debt <= allowance else {
                return Verdict(isAllowed: false, remaining: 0, reset: due - now, retryAfter: debt - allowance)
            }
            if arrivals[key] == nil, arrivals.count >= capacity { Self.forget(in: &arrivals, at: now) }
            arrivals[key] = next
            let remaining = Int((allowance - debt) / interval)
            return Verdict(isAllowed: true, remaining: remaining, reset: debt, retryAfter: .zero)
        }
    }

    /// Forgets whom it need not know any more; and where nobody is like that, the half that has come least.
    ///
    /// It happens once for so many new ones that its time does not count; a timer would have to be stopped with the chain.
    private static func forget(in arrivals: inout [Key: Duration], at now: Duration) {
        let before = arrivals.count
        arrivals = arrivals.filter { $0.value > now }
        guard arrivals.count > before / 2 else { return }
        let middle = arrivals.values.sorted()[arrivals.count / 2]
        arrivals = arrivals.filter { $0.value > middle }
    }
}
