/// What the workers of one pool share: the queue, the counts, and where the pool is in its life.
final class JobQueue: Sendable {
    /// Something for a worker to do.
    enum Item: Sendable {
        /// A submitted closure.
        case job(any RunnableJob)
        /// A task of Swift's own that wants to go on, with the executor that it belongs to.
        case resumption(UnownedJob, ContextPool)
    }

    private enum Phase {
        case open
        case closing
        case closed
    }

    private struct State {
        var items = FIFO<Item>()
        /// Async jobs that have not begun; their tasks are in `items` too, but a task cannot be taken out and refused.
        var asyncJobs: [ObjectIdentifier: any Job] = [:]
        /// Submitted and not yet begun; what `limit` bounds.
        var waiting = 0
        /// Tasks in `items` whose jobs have ended before they began: they hold no place, but memory, until a worker comes.
        var emptyTasks = 0
        /// Submitted and not yet finished; what a shutdown waits for.
        var unfinished = 0
        var workers: Int
        var idleWorkers = 0
        var phase = Phase.open
        var closers: [Int: CheckedContinuation<Int, Never>] = [:]
        var nextCloser = 0

        /// Takes out every job that has not begun, and leaves the resumptions.
        mutating func takeWaiting() -> [any Job] {
            var jobs = Array(asyncJobs.values)
            asyncJobs = [:]
            var resumptions = FIFO<Item>()
            while let item = items.popFirst() {
                if case .job(let job) = item { jobs.append(job) } else { resumptions.append(item) }
            }
            items = resumptions
            return jobs
        }
    }

    let pool: String
    let limit: Int
    private let state: Monitor<State>

    init(pool: String, limit: Int, workers: Int) {
        self.pool = pool
        self.limit = limit
        state = Monitor(State(workers: workers))
    }

    /// Takes a job in, for the next worker.
    func admit(_ job: any RunnableJob) throws(ContextPoolError) {
        let wakesWorker = try state.withLock { state throws(ContextPoolError) in
            try count(&state)
            state.items.append(.job(job))
            return state.idleWorkers > 0
        }
        if wakesWorker { state.signal() }
    }

    /// Takes an async job in, whose task follows as a resumption.
    func admit(waiting job: any Job) throws(ContextPoolError) {
        try state.withLock { state throws(ContextPoolError) in
            try count(&state)
            state.asyncJobs[ObjectIdentifier(job)] = job
        }
    }

    private func count(_ state: inout State) throws(ContextPoolError) {
        guard state.phase == .open else { throw .shutDown(pool: pool) }
        // Empty tasks are bounded as well: clients that come and go would fill the memory while every worker is busy.
        guard state.waiting < limit, state.emptyTasks <= limit else { throw .queueFull(pool: pool, limit: limit) }
        state.waiting += 1
        state.unfinished += 1
    }

    /// Counts a step that follows a job as one more that waits; `false` when the queue is closed.
    ///
    /// The limit does not refuse it, as it would not refuse a resumption: what has begun must be able to go on. New
    /// jobs find the place taken. A job that completes has its steps counted before it is counted as finished, so that
    /// a shutdown waits for them, too.
    func reserveStep() -> Bool {
        state.withLock { state in
            guard state.phase != .closed, state.workers > 0 else { return false }
            state.waiting += 1
            state.unfinished += 1
            return true
        }
    }

    /// Takes in a step that ``reserveStep()`` has counted; `false` when no worker is left to run it.
    func admitReserved(_ job: any RunnableJob) -> Bool {
        let (isAdmitted, wakesWorker) = state.withLock { state in
            guard state.phase != .closed, state.workers > 0 else { return (false, false) }
            state.items.append(.job(job))
            return (true, state.idleWorkers > 0)
        }
        if wakesWorker { state.signal() }
        return isAdmitted
    }

    /// Takes a resumption in; `false` when no worker is left to run it.
    func admitResumption(_ item: Item) -> Bool {
        let (isAdmitted, wakesWorker) = state.withLock { state in
            guard state.phase != .closed, state.workers > 0 else { return (false, false) }
            state.items.append(item)
            return (true, state.idleWorkers > 0)
        }
        if wakesWorker { state.signal() }
        return isAdmitted
    }

    /// Blocks until there is something to do; `nil` when the worker should end.
    func next() -> Item? {
        var wasIdle = false
        return state.wait { state -> Item?? in
            if wasIdle { state.idleWorkers -= 1 }
            if let item = state.items.popFirst() { return .some(item) }
            if state.phase == .closed { return .some(nil) }
            state.idleWorkers += 1
            wasIdle = true
            return nil
        } ?? nil
    }

    /// A closure begins, or will never begin: its place is free.
    func leaveQueue() { state.withLock { $0.waiting -= 1 } }

    /// An async job begins, or will never begin and leaves its task in the queue: its place is free.
    func leaveQueue(_ job: any Job, leavingTask: Bool = false) {
        state.withLock { state in
            state.waiting -= 1
            if leavingTask { state.emptyTasks += 1 }
            state.asyncJobs[ObjectIdentifier(job)] = nil
        }
    }

    /// The task of a job that will never begin has come by.
    func taskCame() { state.withLock { $0.emptyTasks -= 1 } }

    /// Takes a cancelled job out, so that it holds no memory until a worker passes.
    func discard(_ job: any RunnableJob) {
        state.withLock { state in
            state.items.removeFirst { if case .job(let other) = $0 { other === job } else { false } }
        }
    }

    /// Takes out every closure that has ended before it began.
    func discardFinished() {
        // They die here, outside of the lock.
        _ = state.withLock { state in
            state.items.removeAll { if case .job(let job) = $0 { job.isFinished } else { false } }
        }
    }

    /// A job has finished; the last one of a closing queue closes it.
    func jobFinished() {
        settle { $0.unfinished -= 1 }
    }

    /// How many jobs have been submitted and have not finished.
    var unfinished: Int { state.withLock { $0.unfinished } }

    /// Refuses new jobs, and with `cancelsWaiting` those that have not begun; the workers end after the last one.
    func close(cancelsWaiting: Bool) {
        let refused = settle { state in
            if state.phase == .open { state.phase = .closing }
            return cancelsWaiting ? state.takeWaiting() : []
        }
        for job in refused { job.refuse(.shutDown(pool: pool)) }
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
            defer { state.items = FIFO() }
            return (refused, state.items)
        }
        for job in refused { job.refuse(.shutDown(pool: pool)) }
        var items = resumptions
        while let item = items.popFirst() {
            if case .resumption(let resumption, _) = item { globalConcurrentExecutor.enqueue(resumption) }
        }
    }

    /// Waits until the queue is closed or `timeout` has passed; returns how many jobs have not finished.
    func waitUntilClosed(timeout: Duration?) async -> Int {
        var alarm: Task<Void, Never>?
        defer { alarm?.cancel() }
        return await withCheckedContinuation { continuation in
            guard let closer = addCloser(continuation) else { return continuation.resume(returning: 0) }
            // Only now, since an alarm that rings before there is somebody to wake would wake nobody.
            alarm = timeout.map { timeout in
                Task {
                    try? await Task.sleep(for: timeout.clampedToAges)
                    giveUp(closer)
                }
            }
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

    /// Changes the state, and closes where that left nothing to wait for.
    private func settle<Result>(_ change: (inout State) -> Result) -> Result {
        let (result, closers) = state.withLock { state -> (Result, [CheckedContinuation<Int, Never>]?) in
            let result = change(&state)
            guard state.phase == .closing, state.unfinished == 0 else { return (result, nil) }
            state.phase = .closed
            defer { state.closers = [:] }
            return (result, Array(state.closers.values))
        }
        if let closers {
            state.broadcast()
            for closer in closers { closer.resume(returning: 0) }
        }
        return result
    }
}
