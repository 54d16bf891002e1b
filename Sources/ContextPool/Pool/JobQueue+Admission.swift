extension JobQueue {
    /// What became of a job that asked to be taken in.
    enum Admission {
        /// It waits.
        case queued
        /// The caller is to run it, here and now.
        case callerRuns
    }

    /// Takes a job in, for the next worker.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - callerMayBlock: Whether it may be run by the caller, where that is the policy.
    /// - Returns: Whether it waits, or is to be run by the caller.
    /// - Throws: `shutDown` or `queueFull`, and what the pool failed with.
    func admit(_ job: any Job, callerMayBlock: Bool) throws(ContextPoolError) -> Admission {
        let (admission, pushedOut, wake) = try state.withLock { state throws(ContextPoolError) in
            let (admission, pushedOut) = try place(job, callerMayBlock, &state)
            state.unfinished += 1
            guard admission == .queued else { return (admission, pushedOut, Wake.nobody) }
            state.lanes.append(job)
            return (admission, pushedOut, state.wake())
        }
        send(wake)
        for other in pushedOut { other.refuse(whyPushedOut(other)) }
        return admission
    }

    /// Takes a job in that may wait for a worker only after ``release(_:)``; it has its place from now on.
    func hold(_ job: any Job) throws(ContextPoolError) {
        let pushedOut = try state.withLock { state throws(ContextPoolError) in
            let (_, pushedOut) = try place(job, false, &state)
            state.unfinished += 1
            state.held[ObjectIdentifier(job)] = job
            return pushedOut
        }
        for other in pushedOut { other.refuse(whyPushedOut(other)) }
    }

    /// What a held job has waited for has come; nothing happens where it has been ended meanwhile.
    func release(_ job: any Job) {
        let wake = state.withLock { state in
            guard state.held.removeValue(forKey: ObjectIdentifier(job)) != nil else { return Wake.nobody }
            state.lanes.append(job)
            return state.wake()
        }
        send(wake)
    }

    /// Takes in a step that follows a job; `false` when no worker is left to run it.
    ///
    /// The limit does not refuse it, as it would not refuse a resumption: what has begun must be able to go on. New jobs find
    /// the place taken. A job that completes has its steps counted before it is counted as finished, so that a shutdown
    /// waits for them, too.
    func admitStep(_ job: any Job) -> Bool {
        let wake = state.withLock { state -> Wake? in
            guard state.phase != .closed, state.workers > 0 else { return nil }
            state.unfinished += 1
            state.lanes.append(job)
            return state.wake()
        }
        if let wake { send(wake) }
        return wake != nil
    }

    /// Counts a job out that was given up before it began.
    func countOut() { settle { $0.unfinished -= 1 } }

    private func place(
        _ job: any Job,
        _ callerMayBlock: Bool,
        _ state: inout State
    ) throws(ContextPoolError) -> (Admission, [any Job]) {
        guard state.phase == .open else { throw state.failure ?? .shutDown(pool: pool) }
        if state.waiting < limit { return (.queued, []) }
        switch whenFull {
        case .reject: break
        case .callerRuns: if callerMayBlock { return (.callerRuns, []) }
        case .dropOldest:
            if let oldest = state.lanes.oldest(for: job.priority), state.lanes.remove(oldest) {
                return (.queued, [oldest])
            }
        case .shedExpired:
            let expired = state.lanes.removeAll { $0.obstacle != nil }
            if !expired.isEmpty { return (.queued, expired) }
        }
        throw .queueFull(pool: pool, limit: limit)
    }

    private func whyPushedOut(_ job: any Job) -> ContextPoolError {
        whenFull == .dropOldest
            ? .dropped(pool: pool, limit: limit) : job.obstacle ?? .dropped(pool: pool, limit: limit)
    }
}
