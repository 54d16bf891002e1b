/// What happens to a value when its context is captured for a job.
///
/// There is no counterpart of MicroProfile's *unchanged*, which leaves a thread's own value in place: a worker has no values
/// of its own that could stay. What remains unchanged is what nobody registered: a foreign task-local without a
/// ``ContextPropagator`` is left as it is on the thread that runs.
public enum ContextTravel: Sendable {
    /// The job gets a copy, which neither side's later writes reach.
    case copied

    /// The job gets the key's default: for a secret, or for what must not be touched after the response.
    case cleared

    /// The request and all of its jobs have one value: each sees what the others write, at once and from any thread.
    ///
    /// For what a job reports while it runs, such as its progress. `context.g.progress += 1` is a read and a write; where
    /// several write at the same time, use ``RequestContext/update(_:_:)``.
    case shared
}
