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
        // Zero only looks: what would be run here may take any time.
        if let timeout, timeout <= .zero { return }
        let mayRun = depth < Self.depthLimit
        if mayRun, let target = promise.job as? any Job, target.queue === queue, queue.claim(target) {
            runNested(.job(target))
        }
        guard promise.announce(to: queue) else { return }
        let deadline = timeout.map { queue.clock.now() + $0.clampedToAges }
        while true {
            let remaining = deadline.map { $0 - queue.clock.now() }
            switch try block(until: promise, timeout: remaining, mayRun: mayRun) {
            case .finished, .timedOut: return
            case .changed: continue
            case .item(let item): runNested(item)
            case .tooDeep: throw .wouldDeadlock("\(Self.depthLimit) jobs wait inside of each other on this thread")
            }
        }
    }

    /// Blocks until there is something to do; what that is is done outside, since it may end the thread.
    private func block(
        until promise: any Promise,
        timeout: Duration?,
        mayRun: Bool
    ) throws(ContextPoolError) -> JobQueue.Turn {
        let look = WaitGraph.add(self, for: promise)
        defer { WaitGraph.remove(self) }
        if look.isCircular {
            throw .wouldDeadlock("it is waited for by this job itself, or by one that this job waits for")
        }
        return queue.wait(
            as: self,
            mayRun: mayRun,
            timeout: timeout,
            until: { promise.isFinished },
            unless: { WaitGraph.hasChanged(since: look) }
        )
    }
}

extension JobQueue {
    /// Why a worker stopped waiting.
    enum Turn {
        case finished
        case timedOut
        /// What it waits for waits for something else than before, and may wait for the worker now.
        case changed
        case tooDeep
        /// There is something to run, and no other worker to run it.
        case item(Item)
    }

    /// Blocks a worker until `isFinished`, or until it has to do something about it.
    func wait(
        as worker: Worker,
        mayRun: Bool,
        timeout: Duration?,
        until isFinished: () -> Bool,
        unless hasChanged: () -> Bool = { false }
    ) -> Turn {
        let id = ObjectIdentifier(worker)
        let isWaking = state.withLock { state in
            state.waits.insert(id)
            return state.isWaking
        }
        // There is one condition for all: a signal that is on its way to a sleeper could end here.
        if isWaking { state.broadcast() }
        defer { state.withLock { _ = $0.waits.remove(id) } }
        return block(timeout: timeout) { state -> Turn? in
            if isFinished() { return .finished }
            if hasChanged() { return .changed }
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
