extension Worker {
    /// How many jobs deep a thread may wait: each lies on its stack, and a stack has an end.
    static let depthLimit = 64

    /// Blocks until `promise` is complete, or `timeout` has passed, without keeping the pool from completing it (law 12).
    ///
    /// Where the job that is waited for has not begun, it is run here. Where every worker of the pool waits, one of them
    /// runs what there is to run, since nobody else will. Other workers' work is left to them: a job that is run inside of
    /// another, which may hold a lock, could wait for that lock for ever.
    ///
    /// - Throws: `wouldDeadlock` where the wait could not end.
    func wait(for promise: any Promise, timeout: Duration?) throws(ContextPoolError) {
        let target = promise.job as? any Job
        let mayRun = jobs.count < Self.depthLimit
        if mayRun, let target, target.queue === queue, queue.claim(target) { runNested(.job(target)) }
        guard promise.announce(to: queue) else { return }
        let deadline = timeout.map { queue.clock.now() + $0.clampedToAges }
        while true {
            let remaining = deadline.map { $0 - queue.clock.now() }
            switch queue.wait(as: self, for: target, mayRun: mayRun, timeout: remaining, until: { promise.isFinished })
            {
            case .finished, .timedOut: return
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
        let isWaking = state.withLock { state in
            state.waits.add(id, inside: worker.jobs, for: target)
            return state.isWaking
        }
        // There is one condition for all: a signal that is on its way to a sleeper could end here.
        if isWaking { state.broadcast() }
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
    func wakeWaiting() {
        // A worker that has looked, and found it incomplete, still holds the lock: it must be asleep to be woken.
        state.withLock { _ in }
        state.broadcast()
    }
}
