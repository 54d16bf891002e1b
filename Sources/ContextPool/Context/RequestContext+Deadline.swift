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
        let alarm = app.pool.alarm
        let ticket = alarm.ring(at: deadline) { [weak life] in life?.cancel() }
        onTeardown { _ in alarm.cancel(ticket) }
    }

    /// Gives the jobs of this request no more than `limit` from now on; what is less already stays.
    ///
    /// Unlike ``limitTime(to:)`` it ends nothing: for a server, which sees to the end of the request itself.
    ///
    /// - Parameter limit: The time from now on.
    package func limitJobs(to limit: Duration) {
        guard endsLife, let deadline = app.pool.deadline(in: limit) else { return }
        let life = state.withLock { state in
            if state.life == nil { state.deadline = min(state.deadline ?? deadline, deadline) }
            return state.life
        }
        life?.limit(to: deadline)
    }

    /// Takes back the time limit of this request, which was answered in time: what is left of its jobs may take longer.
    package func liftTimeLimit() {
        let life = state.withLock { state in
            state.deadline = nil
            return state.life
        }
        life?.liftDeadline()
    }

    /// The deadline that a job inherits beside that of the life, which it asks itself: a request's own is kept by whoever ends
    /// the request.
    var deadlineForJobs: Duration? { isOfJob ? state.withLock { $0.deadline } : nil }
}

extension ContextScope {
    /// The deadline that a job inherits: that of the job's context, and where it has none that of the running job itself.
    var deadlineForJobs: Duration? {
        if let request { return request.deadlineForJobs }
        return CurrentJob.job?.submission.deadline
    }
}
