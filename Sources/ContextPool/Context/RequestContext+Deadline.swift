import Synchronization

extension RequestContext {
    /// How much of the time that this request or job was given is left; zero when it is used up, `nil` where it has no limit.
    ///
    /// A job inherits the limit of its request, may be given less by `submit(within:)`, and never more. After the end of the
    /// request that was sent normally, its own limit holds no longer.
    public var timeRemaining: Duration? {
        let (own, life) = state.withLock { ($0.deadline, $0.life) }
        let limits = endsLife && life != nil ? [life?.deadline] : [own, life?.deadline]
        return limits.compactMap { $0 }.min().map { max(.zero, $0 - app.pool.queue.clock.now()) }
    }

    /// Gives this request or job no more than `limit` from now on; what is less already stays.
    ///
    /// When it is up a request is cancelled, as by ``cancel()``. In a job it holds for what the job submits.
    ///
    /// - Parameter limit: The time from now on.
    public func limitTime(to limit: Duration) {
        guard let deadline = app.pool.deadline(in: limit) else { return }
        guard endsLife else {
            return state.withLock { $0.deadline = min($0.deadline ?? deadline, deadline) }
        }
        guard let life = lifeToShare() else { return }
        life.limit(to: deadline)
        _ = app.pool.alarm.ring(at: deadline) { [weak life] in life?.cancel() }
    }

    /// The deadline that a job inherits beside that of the life, which it asks itself.
    var deadlineForJobs: Duration? { endsLife ? nil : state.withLock { $0.deadline } }
}
