/// Where a ``Future`` is on its way.
///
/// A future goes from `queued` to `running` to `succeeded` or `failed`; one that will not run goes from `queued` to
/// `cancelled` or `failed`. The last three are final.
public enum FutureState: Sendable, Hashable {
    /// The body has not begun; of a step, perhaps because the future that it follows is not complete.
    case queued

    /// The body has begun and not ended.
    case running

    /// There is a value.
    case succeeded

    /// There is an error: the body threw it, or the pool could not run the body.
    case failed

    /// The body never runs, because the future or its request was cancelled before it began; of a step, also because
    /// the future that it follows was.
    case cancelled
}
