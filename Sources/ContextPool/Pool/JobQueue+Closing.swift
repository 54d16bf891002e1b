extension JobQueue {
    /// Refuses new jobs; the workers end after the last job has finished.
    ///
    /// - Parameters:
    ///   - cancelsWaiting: Whether those that have not begun are refused as well.
    ///   - failure: What the pool failed with; `nil` for an ordinary shutdown.
    /// - Returns: The jobs that never ran because of it.
    @discardableResult
    func close(cancelsWaiting: Bool, because failure: ContextPoolError? = nil) -> [any Job] {
        let refused = settle { state in
            if state.phase == .open {
                state.phase = .closing
                state.failure = failure
            }
            return cancelsWaiting ? state.takeWaiting() : []
        }
        return refused.filter { $0.refuse(failure ?? .shutDown(pool: pool, site: $0.submission.site)) }
    }

    /// Tells every job that has begun that its result is no longer wanted.
    func flagRunning() {
        let running = state.withLock { Array($0.begun.values) + $0.atWork.compactMap { $0 } }
        for job in running { job.flag() }
    }

    /// A worker has died and could not be replaced.
    ///
    /// Without the last one the pool shuts down: waiting jobs are refused, and tasks that prefer it, jobs that have
    /// begun included, go on with Swift's own threads.
    func workerLost() {
        let (refused, resumptions) = settle { state -> ([any Job], FIFO<Item>) in
            state.workers -= 1
            guard state.workers == 0 else { return ([], FIFO()) }
            if state.phase == .open { state.phase = .closing }
            let refused = state.takeWaiting()
            defer { state.resumptions = FIFO() }
            return (refused, state.resumptions)
        }
        // Those that wait for a future may be all that are left, and are to do the work then.
        state.broadcast()
        for job in refused { job.refuse(ContextPoolError.shutDown(pool: pool, site: job.submission.site)) }
        var items = resumptions
        while let item = items.popFirst() {
            if case .resumption(let part, _) = item { globalConcurrentExecutor.enqueue(part) }
        }
    }

    /// Waits until the queue is closed or `timeout` has passed; returns how many jobs have not finished.
    func waitUntilClosed(timeout: Duration?) async -> Int {
        var alarm: PoolClock.Alarm?
        defer { alarm?.stop() }
        return await withCheckedContinuation { continuation in
            guard let closer = addCloser(continuation) else { return continuation.resume(returning: 0) }
            // Only now, since an alarm that rings before there is somebody to wake would wake nobody.
            alarm = timeout.map { clock.alarm($0) { self.giveUp(closer) } }
        }
    }

    private func addCloser(_ continuation: CheckedContinuation<Int, Never>) -> Int? {
        state.withLock { state in
            guard state.phase != .closed else { return nil }
            state.nextCloser += 1
            state.closers[state.nextCloser] = continuation
            return state.nextCloser
        }
    }

    private func giveUp(_ closer: Int) {
        let (continuation, unfinished) = state.withLock { ($0.closers.removeValue(forKey: closer), $0.unfinished) }
        continuation?.resume(returning: unfinished)
    }
}

extension JobQueue.State {
    /// Takes out every job that has not begun, and leaves the parts of tasks that have.
    fileprivate mutating func takeWaiting() -> [any Job] {
        defer { held = [:] }
        return lanes.removeAll() + held.values
    }
}
