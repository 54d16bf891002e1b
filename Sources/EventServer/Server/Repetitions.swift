/// Keeps what goes wrong again and again from filling the log: the first time is told at once, and how often it came again once a
/// minute.
struct Repetitions<Key: Hashable> {
    /// How often one key is told of, and how many of them are kept in mind meanwhile: a line for each connection would make a
    /// flood of connections a flood of lines.
    private static var period: Duration { .seconds(60) }
    private static var limit: Int { 256 }

    private var entries: [Key: (count: Int, toldAt: Duration)] = [:]

    /// Takes note of one more.
    ///
    /// - Returns: Whether it is the first of this key for a while, and has to be told.
    mutating func note(_ key: Key, at now: Duration) -> Bool {
        if let entry = entries[key] {
            entries[key] = (entry.count + 1, entry.toldAt)
            return false
        }
        guard entries.count < Self.limit else { return false }
        entries[key] = (0, now)
        return true
    }

    /// What has to be told now: what went on after the first one, and how often.
    mutating func due(at now: Duration) -> [(key: Key, count: Int)] {
        guard !entries.isEmpty else { return [] }
        var due: [(key: Key, count: Int)] = []
        for (key, entry) in entries where now - entry.toldAt >= Self.period {
            if entry.count > 0 { due.append((key, entry.count)) }
            entries[key] = entry.count > 0 ? (0, now) : nil
        }
        return due
    }
}
