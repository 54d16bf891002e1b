import Synchronization

/// The full lane: an async closure, run by a task that prefers the pool and carries every task-local of the submitter.
///
/// The task must be made by `submit`, since that is when Swift copies the task-locals; yet the job waits in its lane like
/// any other. So the job is the executor of its task: it keeps the task's first part until a worker has taken the job, and
/// passes on the later ones.
final class AsyncJob<Value: Sendable>: Job, TaskExecutor {
    private struct State {
        var task: Task<Void, Never>?
        /// The first part of the task, until somebody runs it.
        var start: UnownedJob?
        var hasArrived = false
        var isFlagged = false
        /// What the parts that have run took of the processors.
        var processorTime = Duration.zero
    }

    private let body: @Sendable () async throws -> Value
    private let snapshot: ContextSnapshot
    private let future: Future<Value>
    let submission: Submission
    let queue: JobQueue
    private let placeInLane = Atomic<Int>(-1)
    private let state = Mutex(State())

    init(
        _ body: @escaping @Sendable () async throws -> Value,
        in snapshot: ContextSnapshot,
        future: Future<Value>,
        submission: Submission,
        queue: JobQueue,
        inheritsTaskLocals: Bool = true
    ) {
        self.body = body
        self.snapshot = snapshot
        self.future = future
        self.submission = submission
        self.queue = queue
        // The snapshot brings the context. The task itself begins without one: it would keep the submitter's request
        // alive, and complete the future inside of it.
        let task = ContextScope.none.bind {
            inheritsTaskLocals
                ? Task(executorPreference: self) { await self.perform() }
                // Those that the selection has left are bound again by the snapshot; Swift can only leave out all.
                : Task.detached(executorPreference: self) { await self.perform() }
        }
        state.withLock { $0.task = task }
    }

    var place: Int {
        get { placeInLane.load(ordering: .relaxed) }
        set { placeInLane.store(newValue, ordering: .relaxed) }
    }

    var life: RequestLife? { snapshot.life }
    var values: ContextValues { snapshot.values }
    var isFinished: Bool { future.isFinished }
    var isFlagged: Bool { state.withLock { $0.isFlagged } }

    /// Keeps the first part of the task for ``run()``, and queues the others; Swift calls it.
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
        guard future.begin() else { return }
        queue.begun(self)
        let result: Result<Value, any Error>
        do {
            result = .success(try await RunningJob.$current.withValue(self) { try await observed() })
        } catch {
            result = .failure(error)
        }
        if future.finish(result) { queue.jobFinished(self) }
    }

    private func observed() async throws -> Value {
        guard let observer = queue.observer else { return try await snapshot.run(body, atEnd: future.handBack?.put) }
        let watch = JobWatch(self, observer)
        do {
            let value = try await snapshot.run(
                { try await observer.around(watch.job, body) },
                atEnd: future.handBack?.put
            )
            watch.end(.success(value), processorTime: processorTime)
            return value
        } catch {
            watch.end(Result<Value, any Error>.failure(error), processorTime: processorTime)
            throw error
        }
    }

    @discardableResult
    func refuse(_ error: any Error) -> Bool {
        let isRefused = future.finishUnstarted(with: error, isCancelled: error.isCancellation, leavingQueue: leaveQueue)
        if isRefused { neverRan(error) }
        return isRefused
    }

    private func neverRan(_ error: any Error) {
        queue.neverRan(self, error)
        runStart()
    }

    /// Ends the task of a job that was not admitted.
    func discard(_ error: ContextPoolError) {
        future.finishUnstarted(with: error)
        runStart()
    }

    func abandon(_ error: ContextPoolError) {
        // A task that the body left behind may die as well, before or after the body: only one of them ends the job.
        if future.finish(.failure(error)) { queue.jobFinished(self) }
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
}

/// The async job that the running task belongs to.
enum RunningJob {
    @TaskLocal static var current: (any Job)?
}
