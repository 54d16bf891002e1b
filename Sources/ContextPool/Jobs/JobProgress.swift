/// How far a job is, as it says itself with ``CurrentJob/report(_:_:)``.
public struct JobProgress: Sendable, Hashable {
    /// How much is done, from 0 to 1; 1 for every job that has succeeded.
    public internal(set) var fraction: Double

    /// What it is at, in words for whoever waits; empty where it said nothing.
    public internal(set) var message: String

    /// What a job begins with.
    static let none = JobProgress(fraction: 0, message: "")
}
