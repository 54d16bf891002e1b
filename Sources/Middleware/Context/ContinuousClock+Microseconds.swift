extension ContinuousClock.Instant {
    /// How many microseconds have passed from an earlier instant to this one; a negative number where that one is later.
    ///
    /// Up to nine seconds, which nearly all requests take, the attoseconds fit into 64 bits: to divide the 128 that they have
    /// takes two hundred instructions.
    package func microseconds(since start: ContinuousClock.Instant) -> Int {
        let attoseconds = start.duration(to: self).attoseconds
        let inAMicrosecond = 1_000_000_000_000
        guard let short = Int(exactly: attoseconds) else { return Int(clamping: attoseconds / Int128(inAMicrosecond)) }
        return short / inAMicrosecond
    }
}
