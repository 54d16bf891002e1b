import Synchronization

/// The full lane: an async closure, run by a task that prefers the pool and carries every task-local of the submitter.
///
/// The task must be made by `submit`, since that is when Swift copies the task-locals; yet the job waits in its lane like
/// any other. So the job is the executor of its task: it keeps the task's first part until a worker has taken the job, and
/// passes on the later ones.
@usableFromInline final class AsyncJob: Job, TaskExecutor {
    private struct State {
        var task: Task<Void, Never>?
        /// The first part of the task, until somebody runs it.
        var start: UnownedJob?
        var hasArrived = false
        var isFlagged = false
        /// What the parts that have run took of the processors.
        var processorTime = Duration.zero
        /// The task's identity, while the body runs.
        var identity: Int?
        /// The future that the task itself awaits: the job cannot end before it.
        var awaited: (any Promise)?
    }

    /// Runs the body, and puts its value where the future finds it.
    private let work: @Sendable () async throws -> Completion.Value
    private let snapshot: ContextSnapshot
    private let promise: any Promise
    let submission: Submission
    let queue: JobQueue
    private let placeInLane = Atomic<Int>(-1)
    /// Whether the queue counts it among those that have not finished.
    private let isCounted = Atomic<Bool>(true)
    private let state = Mutex(State())

    init(
        _ work: @escaping @Sendable () async throws -> Completion.Value,
        in snapshot: ContextSnapshot,
        for promise: any Promise,
        submission: Submission,
        queue: JobQueue,
        inheritsTaskLocals: Bool = true
    ) {
        self.work = work
        self.snapshot = snapshot
        self.promise = promise
        self.submission = submission
        self.queue = queue
        // The snapshot brings the context. The task itself begins without one: it would keep the submitter's request
        // alive, and complete the future inside of it.
        let makeTask = {
            inheritsTaskLocals
                ? Task(executorPreference: self) { await self.perform() }
                // Those that the selection has left are bound again by the snapshot; Swift can only leave out all.
                : Task.detached(executorPreference: self) { await self.perform() }
        }
        let task = ContextScope.none.bind {
            // Nor does it keep the submitting job, with its closure. As a rule there is none, and nothing to hide.
            RunningJob.current == nil ? makeTask() : RunningJob.$current.withValue(nil, operation: makeTask)
        }
        state.withLock { $0.task = task }
    }

    var place: Int {
        get { placeInLane.load(ordering: .relaxed) }
        set { placeInLane.store(newValue, ordering: .relaxed) }
    }

    var life: RequestLife? { snapshot.life }
    var values: ContextValues { snapshot.values }
    var isFinished: Bool { promise.isFinished }
    var isFlagged: Bool { state.withLock { $0.isFlagged } }

    /// Keeps the first part of the task for ``run()``, and queues the others; Swift calls it.
    @usableFromInline
    func enqueue(_ job: consuming ExecutorJob) {
        let part = UnownedJob(job)
        let isFirst = state.withLock { state in
            guard !state.hasArrived else { return false }
            state.hasArrived = true
            state.start = part
            return true
        }
        if !isFirst { holding { queue.resume(part, on: self) } }
    }

    func run() -> Bool {
        if let obstacle { refuse(obstacle) }
        runStart()
        return false
    }

    /// Runs the first part of the task, unless it has been run: whoever ends the job beforehand does so as well, so that the
    /// task ends and lets go of all that it holds.
    private func runStart() {
        let start = state.withLock { $0.start.take() }
        if let start { Worker.run(start, on: self) }
    }

    private func perform() async {
        guard promise.begin() else { return }
        queue.begun(self)
        state.withLock { $0.identity = TaskIdentity.current }
        let result = await RunningJob.$current.withValue(self) { await runObserved() }
        state.withLock { $0.identity = nil }
        if promise.complete(with: result) { countOut() }
    }

    /// A callback may have ended the thread that told of the end, and a task that the body left behind may die at any time: only
    /// one of them counts.
    private func countOut() {
        if isCounted.exchange(false, ordering: .relaxed) { queue.jobFinished(self) }
    }

    private func runObserved() async -> Result<Completion.Value, any Error> {
        guard let observer = queue.observer else { return await run(work) }
        let watch = JobWatch(self, observer)
        let result = await run { try await observer.around(watch.job, work) }
        watch.end(result, processorTime: processorTime)
        return result
    }

    private func run(
        _ work: @Sendable () async throws -> Completion.Value
    ) async -> Result<Completion.Value, any Error> {
        do {
            return .success(try await snapshot.run(work, atEnd: promise.handBack?.put))
        } catch {
            return .failure(error)
        }
    }

    @discardableResult
    func refuse(_ error: any Error) -> Bool {
        let isRefused = promise.finishUnstarted(
            with: error,
            isCancelled: error.isCancellation,
            leavingQueue: leaveQueue
        )
        if isRefused { neverRan(error) }
        return isRefused
    }

    private func neverRan(_ error: any Error) {
        isCounted.store(false, ordering: .relaxed)
        queue.neverRan(self, error)
        runStart()
    }

    /// Ends the task of a job that was not admitted.
    func discard(_ error: ContextPoolError) {
        isCounted.store(false, ordering: .relaxed)
        promise.finishUnstarted(with: error, isCancelled: false) {}
        runStart()
    }

    func abandon(_ error: ContextPoolError) {
        if promise.abandon(error) { observeDeath(error) }
        countOut()
    }

    func leaveQueue() { queue.remove(self) }

    func ended() { neverRan(CancellationError()) }

    func flag() {
        let task = state.withLock { state in
            state.isFlagged = true
            return state.task
        }
        task?.cancel()
    }

    /// What the parts took that have run, and the one that runs has taken so far.
    private var processorTime: Duration {
        state.withLock { $0.processorTime } + (Worker.current?.timeOfPart ?? .zero)
    }

    func charge(_ time: Duration) { state.withLock { $0.processorTime += time } }

    var sources: Sources { Sources(futures: state.withLock { $0.awaited }.map { [$0] } ?? []) }

    /// The calling task is about to await `promise`: circles that go through it are seen from now on (law 12).
    ///
    /// - Returns: Whether ``goesOn()`` is to be told of the end: the task is the job's own. A child task, or one that the body has
    ///   made, need not hold the job up.
    /// - Throws: `wouldDeadlock` where `promise` cannot be complete before the job is.
    func awaits(_ promise: any Promise) throws(ContextPoolError) -> Bool {
        let identity = TaskIdentity.current
        let isOwn = state.withLock { state in
            guard state.identity == identity else { return false }
            state.awaited = promise
            return true
        }
        guard isOwn else { return false }
        if WaitGraph.isCircular(self, for: promise) {
            goesOn()
            throw .wouldDeadlock("it is awaited by this job itself, or by one that this job awaits")
        }
        WaitGraph.change(self, to: promise)
        return true
    }

    /// What ``awaits(_:)`` told of is there.
    @usableFromInline
    func goesOn() {
        // It dies outside of the lock.
        _ = state.withLock { $0.awaited.take() }
    }
}

/// The async job that the running task belongs to.
enum RunningJob {
    @TaskLocal static var current: (any Job)?
}
