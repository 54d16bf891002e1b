extension ContextPool {
    /// Runs `operation` on the workers, within the calling task, and comes back.
    ///
    /// This is no job: task, task-locals and request context stay the same ones, so that what `operation` writes to `g` is
    /// there afterwards, and cancelling the task reaches it. Both its synchronous code and what follows its awaits run on
    /// the workers. It is what a route `on: .pool` does; `submit` instead returns at once, and
    /// leaves the caller free to do something else meanwhile.
    ///
    /// - Parameters:
    ///   - file: Where it is called; leave it to the compiler.
    ///   - line: Where it is called; leave it to the compiler.
    ///   - operation: What to run. It may block.
    /// - Returns: What `operation` returns.
    /// - Throws: What `operation` throws; ``ContextPoolError`` with the code `queueFull` or `shutDown` and
    ///   `CancellationError` where it was refused, or the task cancelled, before a worker came: it has not run then.
    public func run<Value: Sendable>(
        file: String = #fileID,
        line: Int = #line,
        _ operation: @Sendable () async throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        let scope = ContextScope.current
        let site = SourceSite(file: file, line: line)
        let deadline = scope.deadlineForJobs
        let submission = submission(in: scope, scope.request?.currentLife, .normal, deadline, nil, site)
        let visit = Visit(to: queue, of: scope.request, submission)
        return try await withTaskCancellationHandler {
            try await withTaskExecutorPreference(visit) { try await visit.run(operation) }
        } onCancel: {
            visit.cancel()
        }
    }
}
