/// Which jobs a free worker takes first.
///
/// There are three lanes. A worker takes from the highest that has jobs, but nobody waits for ever: a lane that had to stand
/// back a number of times in a row goes next, `normal` after 4 times and `low` after 16. Jobs that run are not
/// interrupted.
public enum JobPriority: Int, Sendable, Hashable, Comparable, CaseIterable {
    /// What nobody waits for: clean-up, statistics.
    case low
    /// What a request waits for.
    case normal
    /// Short work that others wait for.
    case high

    /// Whether the left one's jobs go after the right one's.
    public static func < (left: JobPriority, right: JobPriority) -> Bool { left.rawValue < right.rawValue }
}
