import Synchronization

/// What the workers of one pool share: the jobs, the counts, and where the pool is in its life.
///
/// A job that was admitted waits in its lane until exactly one has taken it out: a worker that runs it, or whoever ends
/// it before. The future of the job decides between the two; the place in the lane is free when it is taken out.
final class JobQueue: Sendable {
    /// Something for a worker to do.
    enum Item: Sendable {
        /// A job that has not begun.
        case job(any Job)
        /// A part of a task that has begun, with the executor that it belongs to.
        case resumption(UnownedJob, any TaskExecutor)
    }

    enum Phase {
        case open
        case closing
        case closed
    }

    struct State {
        var lanes = JobLanes()
        var resumptions = FIFO<Item>()
        /// How many resumptions have gone before jobs in a row.
        var resumptionsInARow = 0
        /// Jobs that wait for the end of their request before they may wait for a worker.
        var held: [ObjectIdentifier: any Job] = [:]
        /// Jobs that have begun and are at no worker: async ones.
        var begun: [ObjectIdentifier: any Job] = [:]
        /// What each worker is at.
        var atWork: [(any Job)?]
        /// Submitted and not yet finished; what a shutdown waits for.
        var unfinished = 0
        var workers: Int
        /// How many workers sleep, and whether one of them has been woken and is not awake yet.
        var sleeping = 0
        var isWaking = false
        /// Workers that are blocked in `Future.wait`.
        var waits: Set<ObjectIdentifier> = []
        var phase = Phase.open
        /// Why a pool that is not open refuses; `nil` for an ordinary shutdown.
        var failure: ContextPoolError?
        var closers: [Int: CheckedContinuation<Int, Never>] = [:]
        var nextCloser = 0

        /// Submitted and not yet begun; what the limit bounds.
        var waiting: Int { lanes.count + held.count }
        var isEmpty: Bool { resumptions.isEmpty && lanes.count == 0 }
    }

    let pool: String
    let limit: Int
    let whenFull: FullQueuePolicy
    let clock: PoolClock
    let observer: (any ContextPoolObserver)?
    /// Whether the observer wants to know how long jobs take.
    let measures: Bool
    let state: Monitor<State>
    private let jobNumbers = Atomic<UInt64>(0)

    init(
        pool: String,
        limit: Int,
        workers: Int,
        whenFull: FullQueuePolicy = .reject,
        clock: PoolClock = .continuous,
        observer: (any ContextPoolObserver)? = nil
    ) {
        self.pool = pool
        self.limit = limit
        self.whenFull = whenFull
        self.clock = clock
        self.observer = observer
        measures = observer?.measuresJobs ?? false
        state = Monitor(State(atWork: Array(repeating: nil, count: workers), workers: workers))
    }

    /// The number of the next job.
    func nextNumber() -> UInt64 { jobNumbers.add(1, ordering: .relaxed).newValue }

    /// A callback of a future as an observer hears of it, to whom it is like a job.
    func info(ofCallbackAt site: SourceSite, _ values: ContextValues) -> JobInfo {
        JobInfo(id: nextNumber(), pool: pool, name: nil, site: site, priority: .normal, values: values)
    }

    /// Takes in a part of a task that has begun; `false` when no worker is left to run it.
    ///
    /// It is not bounded by the limit, since a task that has begun must be able to go on.
    func resume(_ part: UnownedJob, on executor: any TaskExecutor) {
        let (isAdmitted, wake) = state.withLock { state in
            guard state.phase != .closed, state.workers > 0 else { return (false, Wake.nobody) }
            state.resumptions.append(.resumption(part, executor))
            return (true, state.wake())
        }
        // After the shutdown such tasks go on with Swift's own threads, rather than never.
        if isAdmitted { send(wake) } else { globalConcurrentExecutor.enqueue(part) }
    }

    /// Blocks until there is something to do; `nil` when the worker should end.
    ///
    /// - Parameters:
    ///   - worker: The worker's number.
    ///   - hasFinished: Whether it has run a job to its end since it last asked.
    /// - Returns: What to do.
    func next(for worker: Int, hasFinished: Bool) -> Item? {
        if let item = advance(worker, hasFinished: hasFinished) { return item }
        var wasAsleep = false
        var wake = Wake.nobody
        let item = state.wait { state -> Item?? in
            if wasAsleep {
                state.sleeping -= 1
                state.isWaking = false
            }
            if let item = state.takeNext(for: worker) {
                if !state.isEmpty { wake = state.wake() }
                return .some(item)
            }
            if state.phase == .closed { return .some(nil) }
            state.sleeping += 1
            wasAsleep = true
            return nil
        }
        send(wake)
        return item ?? nil
    }

    /// What `worker` goes on with, where it need not wait for it.
    private func advance(_ worker: Int, hasFinished: Bool) -> Item? {
        // The last job dies after this, outside of the lock: with it its closure may die, and with that the pool.
        let (item, _) = settle { state in
            if hasFinished { state.unfinished -= 1 }
            let last = state.atWork[worker].take()
            return (state.takeNext(for: worker), last)
        }
        return item
    }

    /// What a worker would do next, without waiting for it.
    func poll() -> Item? { state.withLock { $0.takeNext() } }

    /// Takes a job that will not run out of its lane, where it still stands there.
    func remove(_ job: any Job) {
        state.withLock { state in
            if !state.lanes.remove(job), !state.held.isEmpty { state.held[ObjectIdentifier(job)] = nil }
        }
    }

    /// Takes a job out for the caller to run; `false` where somebody else has it.
    func claim(_ job: any Job) -> Bool { state.withLock { $0.lanes.remove(job) } }

    /// An async job has begun.
    func begun(_ job: any Job) { state.withLock { $0.begun[ObjectIdentifier(job)] = job } }

    /// A job that was taken for begun never did.
    func forget(_ job: any Job) {
        // It dies outside of the lock.
        _ = state.withLock { $0.begun.removeValue(forKey: ObjectIdentifier(job)) }
    }

    /// A job has finished; the last one of a closing queue closes it.
    func jobFinished(_ job: any Job) {
        // It dies outside of the lock.
        _ = settle { state in
            state.unfinished -= 1
            return state.begun.removeValue(forKey: ObjectIdentifier(job))
        }
    }

    /// A job was ended before it began, and has left its lane.
    func neverRan(_ job: any Job, _ reason: any Error) {
        settle { $0.unfinished -= 1 }
        observer?.jobNeverRan(job.info, reason, waited: measures ? clock.now() - job.waitsSince : .zero)
    }

    /// How many jobs have been submitted and have not finished.
    var unfinished: Int { state.withLock { $0.unfinished } }

    /// How many jobs wait.
    var waiting: Int { state.withLock { $0.waiting } }

    /// Changes the state, and closes where that left nothing to wait for.
    @discardableResult
    func settle<Result>(_ change: (inout State) -> Result) -> Result {
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

    /// Whom a new item concerns.
    enum Wake {
        case nobody
        case one
        case all
    }

    func send(_ wake: Wake) {
        switch wake {
        case .nobody: break
        case .one: state.signal()
        case .all: state.broadcast()
        }
    }
}

extension JobQueue.State {
    /// How many parts of tasks go before a job that waits: what has begun should end, but not keep all others out.
    private static let resumptionsBeforeAJob = 8

    /// The next thing to do, if there is any.
    mutating func takeNext() -> JobQueue.Item? {
        if resumptionsInARow < Self.resumptionsBeforeAJob || lanes.count == 0, let part = resumptions.popFirst() {
            resumptionsInARow += 1
            return part
        }
        resumptionsInARow = 0
        return lanes.popFirst().map { .job($0) }
    }

    /// The next thing to do for a worker, who is at it from now on.
    fileprivate mutating func takeNext(for worker: Int) -> JobQueue.Item? {
        let item = takeNext()
        if case .job(let job) = item { atWork[worker] = job }
        return item
    }

    /// Whom to wake for one more item: one sleeper at a time, who wakes the next one where there is more to do.
    ///
    /// Waking one for each item was tried: of a burst of short jobs the first sleeper runs most before the others have come.
    mutating func wake() -> JobQueue.Wake {
        // One condition serves sleepers and those who wait for a future: a single signal could reach the wrong one.
        if !waits.isEmpty { return .all }
        guard sleeping > 0, !isWaking else { return .nobody }
        isWaking = true
        return .one
    }
}
