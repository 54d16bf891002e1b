extension ContextPool {
    /// Runs `operation` on the workers, within the calling task, and comes back.
    ///
    /// This is no job: task, task-locals and request context stay the same ones, so that what `operation` writes to `g` is
    /// there afterwards, and cancelling the task reaches it. Both its synchronous code and what follows its awaits run on
    /// the workers. It is what a route `on: .pool` does; `submit` instead returns at once, and
    /// leaves the caller free to do something else meanwhile.
    ///
    /// - Parameter operation: What to run. It may block.
    /// - Returns: What `operation` returns.
    /// - Throws: What `operation` throws; ``ContextPoolError`` with the code `queueFull` or `shutDown` and
    ///   `CancellationError` where it was refused, or the task cancelled, before a worker came: it has not run then.
    public func run<Value: Sendable>(_ operation: @Sendable () async throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        let visit = Visit(to: queue)
        try queue.admit(waiting: visit)
        return try await withTaskCancellationHandler {
            try await withTaskExecutorPreference(self) {
                try visit.begin()
                defer { visit.end() }
                return try await RunningJob.$current.withValue(visit) { try await operation() }
            }
        } onCancel: {
            visit.cancel()
        }
    }
}

/// The place that a task takes in the pool while it is there: counted like a job, and bounded with them.
private final class Visit: Job {
    let queue: JobQueue
    // Nobody waits for it; it knows which of begin, cancel and refuse came first.
    private let future = Future<Void>()

    init(to queue: JobQueue) { self.queue = queue }

    var isFinished: Bool { future.isFinished }

    /// Claims the worker that the task has come to.
    func begin() throws {
        guard future.begin() else {
            queue.taskCame()
            throw future.error ?? CancellationError()
        }
        queue.leaveQueue(self)
    }

    func end() { if future.finish(.success(())) { ended() } }

    func cancel() { giveUp(CancellationError()) }

    func stop() { cancel() }

    func refuse(_ error: ContextPoolError) { giveUp(error) }

    private func giveUp(_ error: any Error) {
        if future.finishUnstarted(with: error, isCancelled: true, leavingQueue: leaveQueue) { ended() }
    }

    func abandon(_ error: ContextPoolError) { if future.finish(.failure(error)) { ended() } }

    func leaveQueue() { queue.leaveQueue(self, leavingTask: true) }

    func ended() { queue.jobFinished() }

    func flag() {}
}
