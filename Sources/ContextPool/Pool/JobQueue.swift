/// What the workers of one pool share: the queue, the counts, and where the pool is in its life.
final class JobQueue: Sendable {
    /// Something for a worker to do.
    enum Item: Sendable {
        /// A submitted closure.
        case job(any Job)
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
        /// Submitted and not yet begun; what `limit` bounds.
        var waiting = 0
        /// Submitted and not yet finished; what a shutdown waits for.
        var unfinished = 0
        var workers: Int
        var idleWorkers = 0
        var phase = Phase.open
        var cancelsWaiting = false
        var closers: [Int: CheckedContinuation<Int, Never>] = [:]
        var nextCloser = 0
    }

    let pool: String
    let limit: Int
    private let state: Monitor<State>

    init(pool: String, limit: Int, workers: Int) {
        self.pool = pool
        self.limit = limit
        state = Monitor(State(workers: workers))
    }

    /// Takes a job in: counted, and with `item` put into the queue; an async job's item arrives through its task.
    func admit(_ item: Item?) throws(ContextPoolError) {
        let wakesWorker = try state.withLock { state throws(ContextPoolError) in
            guard state.phase == .open else { throw .shutDown(pool: pool) }
            guard state.waiting < limit else { throw .queueFull(pool: pool, limit: limit) }
            state.waiting += 1
            state.unfinished += 1
            guard let item else { return false }
            state.items.append(item)
            return state.idleWorkers > 0
        }
        if wakesWorker { state.signal() }
    }

    /// Takes a resumption in; `false` when no worker is left to run it.
    func admitResumption(_ item: Item) -> Bool {
        let (isAdmitted, wakesWorker) = state.withLock { state in
            guard state.phase != .closed else { return (false, false) }
            state.items.append(item)
            return (true, state.idleWorkers > 0)
        }
        if wakesWorker { state.signal() }
        return isAdmitted
    }

    /// The next thing to do. Blocks until there is one; `nil` when the worker should end.
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

    /// A job begins, or will never begin: its place is free. Returns whether a job may begin at all.
    @discardableResult
    func leaveQueue() -> Bool {
        state.withLock { state in
            state.waiting -= 1
            return !state.cancelsWaiting
        }
    }

    /// Takes a cancelled job out, so that it holds no memory until a worker passes.
    func discard(_ job: any Job) {
        state.withLock { state in
            state.items.removeFirst { if case .job(let other) = $0 { other === job } else { false } }
        }
    }

    /// A job has finished. The last one of a closing queue closes it.
    func jobFinished() {
        settle { $0.unfinished -= 1 }
    }

    /// How many jobs have been submitted and have not finished.
    var unfinished: Int { state.withLock { $0.unfinished } }

    /// Refuses new jobs; the workers end when the last one has finished. With `cancelsWaiting`, those that have not begun
    /// never will.
    func close(cancelsWaiting: Bool) {
        var refused: [any Job] = []
        settle { state in
            if state.phase == .open { state.phase = .closing }
            guard cancelsWaiting else { return }
            state.cancelsWaiting = true
            var resumptions = FIFO<Item>()
            while let item = state.items.popFirst() {
                if case .job(let job) = item { refused.append(job) } else { resumptions.append(item) }
            }
            state.items = resumptions
        }
        for job in refused { job.refuse(.shutDown(pool: pool)) }
    }

    /// A worker has died and could not be replaced. Without the last one the pool is shut down on the spot: its waiting
    /// jobs are refused, and tasks that prefer it go on with Swift's own threads.
    func workerLost() {
        let stranded = state.withLock { state -> (FIFO<Item>, [CheckedContinuation<Int, Never>], Int)? in
            state.workers -= 1
            guard state.workers == 0 else { return nil }
            state.phase = .closed
            state.cancelsWaiting = true
            defer {
                state.items = FIFO()
                state.closers = [:]
            }
            return (state.items, Array(state.closers.values), state.unfinished)
        }
        guard let (waiting, closers, unfinished) = stranded else { return }
        var items = waiting
        while let item = items.popFirst() {
            switch item {
            case .job(let job): job.refuse(.shutDown(pool: pool))
            case .resumption(let resumption, _): globalConcurrentExecutor.enqueue(resumption)
            }
        }
        for closer in closers { closer.resume(returning: unfinished) }
    }

    /// Waits until the queue is closed or `timeout` has passed; returns how many jobs have not finished.
    func waitUntilClosed(timeout: Duration?) async -> Int {
        let id = state.withLock { state in
            state.nextCloser += 1
            return state.nextCloser
        }
        let alarm = timeout.map { timeout in
            Task {
                try await Task.sleep(for: timeout)
                let closer = state.withLock { state in
                    state.closers.removeValue(forKey: id).map { ($0, state.unfinished) }
                }
                if let (continuation, unfinished) = closer { continuation.resume(returning: unfinished) }
            }
        }
        defer { alarm?.cancel() }
        return await withCheckedContinuation { continuation in
            let isClosed = state.withLock { state in
                if state.phase != .closed { state.closers[id] = continuation }
                return state.phase == .closed
            }
            if isClosed { continuation.resume(returning: 0) }
        }
    }

    /// Changes the state, and closes where that left nothing to wait for.
    private func settle(_ change: (inout State) -> Void) {
        let closers = state.withLock { state -> [CheckedContinuation<Int, Never>]? in
            change(&state)
            guard state.phase == .closing, state.unfinished == 0 else { return nil }
            state.phase = .closed
            defer { state.closers = [:] }
            return Array(state.closers.values)
        }
        guard let closers else { return }
        state.broadcast()
        for closer in closers { closer.resume(returning: 0) }
    }
}
