/// What `submit(named:keptFor:)` has started: a job that others can find by its id.
public struct NamedJob<Value: Sendable>: Sendable, Identifiable {
    /// The outcome, for whoever waits for it here.
    public let future: Future<Value>

    /// The job as others find it.
    public let kept: KeptJob

    /// What to hand out, for ``ContextPool/job(_:)-(JobID)``.
    public var id: JobID { kept.id }
}
