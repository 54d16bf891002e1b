/// What a pool does with a job that comes when as many wait as may: `ContextPool(whenFull: .dropOldest)`.
///
/// In no case does `submit` wait for room: an event loop that waited would serve nobody.
public enum FullQueuePolicy: Sendable {
    /// The new job is refused: `submit` throws `queueFull`.
    case reject

    /// The thread that submits runs the new job itself, before `submit` returns, where it may block. On an event loop it
    /// may not, and the job is refused as with ``reject``.
    case callerRuns

    /// The job that has waited longest, of those with the lowest priority, never runs: its future throws `dropped`.
    /// Where all that wait have a higher priority than the new one, that is refused.
    case dropOldest

    /// Jobs whose deadline has passed never run, and leave their places; where there are none, the new one is refused.
    case shedExpired
}
