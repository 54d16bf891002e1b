/// Where what follows a future runs, and where it reports: the pool of its job.
///
/// One object for all futures of a pool. It knows the queue and not the pool, so that a future which somebody keeps does
/// not keep the threads.
@usableFromInline final class FutureHome: Sendable {
    let queue: JobQueue
    let alarm: DeadlineAlarm
    let propagators: [ContextPropagator]
    /// Which part of the context steps and callbacks get, as the pool's jobs do.
    let selection: ContextSelection
    /// Hears what a callback of ``Future/whenComplete(file:line:_:)`` throws; called without a context.
    let onCallbackError: (@Sendable (_ callback: JobInfo, any Error) -> Void)?
    /// Hears of a failure that nobody has asked for yet; returns what to do if nobody ever does.
    let onUnaskedFailure: (@Sendable (JobInfo?, any Error) -> (@Sendable () -> Void)?)?

    init(
        queue: JobQueue,
        propagators: [ContextPropagator] = [],
        selection: ContextSelection = .all,
        onCallbackError: (@Sendable (_ callback: JobInfo, any Error) -> Void)? = nil,
        onUnaskedFailure: (@Sendable (JobInfo?, any Error) -> (@Sendable () -> Void)?)? = nil
    ) {
        self.queue = queue
        alarm = DeadlineAlarm(clock: queue.clock)
        self.propagators = propagators
        self.selection = selection
        self.onCallbackError = onCallbackError
        self.onUnaskedFailure = onUnaskedFailure
    }

    /// The home of a future without a pool: a queue without workers takes nothing in, so steps run on Swift's threads.
    static let none = FutureHome(queue: JobQueue(pool: "none", limit: 1, workers: 0))
}
