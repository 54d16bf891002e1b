import Synchronization

/// A submitted body on its way through the queue.
protocol Job: AnyObject, Cancellable {
    /// The queue that it went into.
    var queue: JobQueue { get }
    /// Whether its future is complete.
    var isFinished: Bool { get }
    /// Its request was cancelled: ends the job where it has not begun, tells it otherwise.
    func stop()
    /// Completes the future without running the body, where it has not begun.
    func refuse(_ error: ContextPoolError)
    /// Ends a job that has begun and cannot go on, because the worker died underneath it.
    func abandon(_ error: ContextPoolError)
}

/// A job that a worker runs from beginning to end.
protocol RunnableJob: Job {
    /// Runs the body on the calling worker, unless it was cancelled meanwhile, and completes the future.
    func run()
}

/// The async job that the running task belongs to, for the worker to end when its thread dies underneath that task.
enum RunningJob {
    @TaskLocal static var current: (any Job)?
}

/// The explicit lane: a plain closure, run inside the snapshot that was taken at `submit`.
final class ClosureJob<Value: Sendable>: RunnableJob {
    private let body: @Sendable () throws -> Value
    private let snapshot: ContextSnapshot
    private let future: Future<Value>
    let queue: JobQueue

    init(
        _ body: @escaping @Sendable () throws -> Value,
        in snapshot: ContextSnapshot,
        future: Future<Value>,
        queue: JobQueue
    ) {
        self.body = body
        self.snapshot = snapshot
        self.future = future
        self.queue = queue
    }

    var isFinished: Bool { future.isFinished }

    func run() {
        // Asked here as well: a worker may be quicker than the thread that goes from job to job to stop them.
        if snapshot.life?.isCancelled == true { stop() }
        guard future.begin() else { return }
        queue.leaveQueue()
        // The scope is left, and so the worker's context is gone, before the future completes.
        let result = Result { try snapshot.run(body) }
        future.finish(result)
        queue.jobFinished()
    }

    func refuse(_ error: ContextPoolError) {
        if future.finishUnstarted(with: error, leavingQueue: { queue.leaveQueue() }) { queue.jobFinished() }
    }

    func stop() {
        let error = ContextPoolError.requestCancelled
        if future.finishUnstarted(with: error, isCancelled: true, leavingQueue: { queue.leaveQueue() }) {
            queue.jobFinished()
        }
    }

    func abandon(_ error: ContextPoolError) {
        future.abandon(error)
        queue.jobFinished()
    }

    func leaveQueue() {
        queue.leaveQueue()
        queue.discard(self)
    }

    func ended() { queue.jobFinished() }

    func flag() {}
}

/// The full lane: an async closure, run by a task that prefers the pool and carries every task-local of the submitter.
final class AsyncJob<Value: Sendable>: Job {
    private let body: @Sendable () async throws -> Value
    private let snapshot: ContextSnapshot
    private let future: Future<Value>
    private let pool: ContextPool
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(
        _ body: @escaping @Sendable () async throws -> Value,
        in snapshot: ContextSnapshot,
        future: Future<Value>,
        pool: ContextPool
    ) {
        self.body = body
        self.snapshot = snapshot
        self.future = future
        self.pool = pool
    }

    var queue: JobQueue { pool.queue }
    var isFinished: Bool { future.isFinished }

    func start() {
        // The snapshot brings the context. The task itself begins without one: it would keep the submitter's request
        // alive, and complete the future inside of it.
        let task = ContextScope.none.bind { Task(executorPreference: pool) { await self.run() } }
        self.task.withLock { $0 = task }
    }

    private func run() async {
        if snapshot.life?.isCancelled == true { stop() }
        // A task that was cancelled before it started runs all the same, so the future is asked first.
        guard future.begin() else { return queue.taskCame() }
        queue.leaveQueue(self)
        let result: Result<Value, any Error>
        do {
            result = .success(try await RunningJob.$current.withValue(self) { try await snapshot.run(body) })
        } catch {
            result = .failure(error)
        }
        if future.finish(result) { ended() }
    }

    func refuse(_ error: ContextPoolError) {
        if future.finishUnstarted(with: error, leavingQueue: leaveQueue) { ended() }
    }

    func stop() {
        let error = ContextPoolError.requestCancelled
        if future.finishUnstarted(with: error, isCancelled: true, leavingQueue: leaveQueue) { ended() } else { flag() }
    }

    func abandon(_ error: ContextPoolError) {
        // A task that the body left behind may die as well, before or after the body: only one of them ends the job.
        if future.finish(.failure(error)) { ended() }
    }

    func leaveQueue() { queue.leaveQueue(self, leavingTask: true) }

    func ended() { queue.jobFinished() }

    func flag() { task.withLock { $0 }?.cancel() }
}
