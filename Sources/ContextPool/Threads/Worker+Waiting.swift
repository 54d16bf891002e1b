extension Worker {
    /// How many jobs deep a thread may wait: each lies on its stack, and a stack has an end.
    static let depthLimit = 64

    /// Blocks until `future` is complete, without keeping the pool from completing it (law 12).
    ///
    /// Where the job that is waited for has not begun, it is run here. Where every worker of the pool waits, one of them
    /// runs what there is to run, since nobody else will. Other workers' work is left to them: a job that is run inside of
    /// another, which may hold a lock, could wait for that lock for ever.
    ///
    /// - Returns: Whether it completed before the timeout.
    /// - Throws: `wouldDeadlock` where the wait could not end.
    func wait<Value>(for future: Future<Value>, timeout: Duration?) throws(ContextPoolError) -> Bool {
        let target = future.job as? any Job
        let mayRun = jobs.count < Self.depthLimit
        if mayRun, let target, target.queue === queue, queue.claim(target) { runNested(.job(target)) }
        guard future.announce(to: queue) else { return true }
        let deadline = timeout.map { queue.clock.now() + $0.clampedToAges }
        while true {
            let remaining = deadline.map { $0 - queue.clock.now() }
            switch queue.wait(as: self, for: target, mayRun: mayRun, timeout: remaining, until: { future.isFinished }) {
            case .finished: return true
            case .timedOut: return false
            case .item(let item): runNested(item)
            case .circular:
                throw .wouldDeadlock("it is waited for by this job itself, or by one that this job waits for")
            case .tooDeep: throw .wouldDeadlock("\(Self.depthLimit) jobs wait inside of each other on this thread")
            }
        }
    }
}

extension JobQueue {
    /// Why a worker stopped waiting.
    enum Turn {
        case finished
        case timedOut
        case circular
        case tooDeep
        /// There is something to run, and no other worker to run it.
        case item(Item)
    }

    /// Blocks a worker until `isFinished`, or until it has to do something about it.
    func wait(
        as worker: Worker,
        for target: (any Job)?,
        mayRun: Bool,
        timeout: Duration?,
        until isFinished: () -> Bool
    ) -> Turn {
        let id = ObjectIdentifier(worker)
        state.withLock { $0.waits.add(id, inside: worker.jobs, for: target) }
        defer { state.withLock { $0.waits.remove(id) } }
        return block(timeout: timeout) { state -> Turn? in
            if isFinished() { return .finished }
            if state.waits.isCircular(from: id) { return .circular }
            guard state.waits.count >= state.workers, !state.isEmpty else { return nil }
            guard mayRun else { return .tooDeep }
            // No longer blocked, and that must be seen by the others before the lock is free.
            state.waits.remove(id)
            return state.takeNext().map { .item($0) }
        } ?? .timedOut
    }

    /// A future that somebody waits for in this pool has completed.
    func wakeWaiting() { state.broadcast() }
}
