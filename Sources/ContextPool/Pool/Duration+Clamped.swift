extension Duration {
    /// This timeout, made safe to add to a clock: nothing where it is negative, a century where it is longer than that.
    ///
    /// A `Duration` reaches further than the seconds of any clock, and Swift traps where the two are added.
    package var clampedToAges: Duration { min(max(self, .zero), .seconds(100 * 365 * 86_400)) }
}

extension Duration? {
    /// The earlier of two moments, of which either may be never.
    static func earlier(_ one: Duration?, _ other: Duration?) -> Duration? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }
}
