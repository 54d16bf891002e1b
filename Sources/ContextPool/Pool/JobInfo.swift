/// What is known of a job without running it: for logs, metrics, and whoever shuts a pool down.
public struct JobInfo: Sendable, Identifiable, CustomStringConvertible {
    /// The job's number: unique in its pool, counted from 1.
    public let id: UInt64

    /// The pool that it was submitted to.
    public let pool: String

    /// The name that `submit(named:)` gave it.
    public let name: String?

    /// Where `submit` was called, or the step added.
    public let site: SourceSite

    /// The lane that it waits in.
    public let priority: JobPriority

    /// The values of the request as the job gets them; empty where it belongs to none.
    public let values: ContextValues

    /// The name, or the number, and the place: `report, submitted at Shop/Report.swift:12`.
    public var description: String { "\(name ?? "job \(id)"), submitted at \(site)" }
}
