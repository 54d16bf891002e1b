/// Where a kept job was at one moment.
public struct JobStatus: Sendable {
    /// Where it was on its way.
    public internal(set) var state: FutureState

    /// How far it was.
    public internal(set) var progress: JobProgress

    /// What it returned or threw; `nil` until it has ended.
    ///
    /// Of a job that never ran it is the reason, as from its future.
    public internal(set) var result: Result<any Sendable, any Error>?

    /// The number of this status among those of the job, from 0: equal ones are of the same moment.
    public internal(set) var version: Int

    /// Whether this is the last one.
    public var isFinal: Bool { result != nil }
}
