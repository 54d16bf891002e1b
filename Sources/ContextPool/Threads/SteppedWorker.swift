/// A worker of a pool that has no threads: whoever has it says when it takes something, and when it runs that.
///
/// It is what the deterministic pool of `ContextPoolTesting` is made of: everything else of the pool is the same.
package final class SteppedWorker: Sendable {
    /// Something that was taken and is to be run.
    package struct Taken: Sendable, CustomStringConvertible {
        fileprivate let item: JobQueue.Item

        /// Which job it is, for people.
        package var description: String {
            switch item {
            case .job(let job): job.info.description
            case .resumption(_, let executor): "the rest of \((executor as? any Job)?.info.description ?? "a task")"
            }
        }
    }

    private let worker: Worker
    private let canary: LeakCanary

    /// - Parameters:
    ///   - number: Its number, counted from 0.
    ///   - pool: The pool, which has no threads of its own.
    package init(number: Int, of pool: ContextPool) {
        worker = Worker(number: number, queue: pool.queue)
        canary = pool.canary
    }

    /// Makes the calling thread the worker's own, for as long as the worker lives.
    package func adopt() {
        guard Worker.current !== worker else { return }
        worker.adopt()
        canary.settleIn()
    }

    /// Whether there is something to take.
    package var hasWork: Bool { worker.queue.state.withLock { !$0.isEmpty } }

    /// Takes the next thing to do.
    package func take() -> Taken? { worker.queue.take(for: worker.number).map(Taken.init) }

    /// Runs it, to its end or to where it suspends.
    package func run(_ taken: Taken) {
        let hasFinished = worker.run(taken.item)
        worker.queue.leave(worker.number, hasFinished: hasFinished)
        canary.check(after: taken.item)
    }

    /// Runs a part of a task on the calling thread.
    package static func run(_ part: UnownedJob, on executor: some TaskExecutor) { Worker.run(part, on: executor) }
}

extension ContextPool {
    /// Creates a pool without threads, to be stepped by ``SteppedWorker``s.
    package convenience init(
        steppedBy clock: PoolClock,
        workers: Int,
        queueLimit: Int,
        whenFull: FullQueuePolicy,
        fairness: JobFairness,
        name: String,
        propagators: [ContextPropagator],
        context selection: ContextSelection,
        observer: any ContextPoolObserver
    ) throws(ContextPoolError) {
        guard workers >= 1, queueLimit >= 1 else {
            throw .invalidConfiguration(
                "A pool needs at least 1 worker and 1 place, but workers is \(workers) and queueLimit is \(queueLimit)."
            )
        }
        try selection.check(against: propagators)
        self.init(
            name: name,
            queue: JobQueue(
                pool: name,
                limit: queueLimit,
                workers: workers,
                whenFull: whenFull,
                clock: clock,
                observer: observer
            ),
            workers: workers,
            fairness: fairness,
            propagators: propagators,
            selection: selection
        )
    }
}

extension JobQueue {
    /// What `worker` is to do next, without waiting for it.
    fileprivate func take(for worker: Int) -> Item? {
        state.withLock { state in
            let item = state.takeNext()
            if case .job(let job) = item { state.atWork[worker] = job }
            return item
        }
    }

    /// A worker is through with what it has taken.
    fileprivate func leave(_ worker: Int, hasFinished: Bool) {
        // The job dies outside of the lock.
        _ = settle { state in
            if hasFinished { state.unfinished -= 1 }
            return state.atWork[worker].take()
        }
    }

    /// Blocks until `body` returns a value, asking again whenever something has changed; `nil` when the time passes first.
    func block<Result>(timeout: Duration?, for body: (inout State) -> Result?) -> Result? {
        guard let wait = clock.wait else { return state.wait(timeout: timeout, for: body) }
        var result: Result?
        _ = wait(timeout) {
            result = state.withLock { body(&$0) }
            return result != nil
        }
        return result
    }
}
