extension ContextPool {
    /// Runs `body` on a worker, inside a copy of the context that is current here.
    ///
    /// ```swift
    /// router.get("/report") { request, context in
    ///     let report = try context.pool.submit { try Report.render(for: RequestContext.require().g.userID) }
    ///     return try .json(await report.value)
    /// }
    /// ```
    ///
    /// The laws:
    ///
    /// 1. The context is captured now, on the calling thread; never when the pool was made.
    /// 2. Each submission has a snapshot of its own; two jobs never share one. Taking it costs O(1).
    /// 3. Values are copied: what the job writes to `g` is not seen outside, nor the reverse. (Flask-Threads shares `g`
    ///    with the job; Flask's own copy begins with an empty one.) A key may declare that it does not travel.
    /// 4. The job sees `AppContext.current` and `RequestContext.current` as they were here. Where there is no request
    ///    there is none in the job; `RequestContext.require()` then throws an error that says what to do.
    /// 5. A job that submits passes its own context on.
    /// 6. When the future completes, the worker has no context any more, also when a propagator threw.
    /// 7. The job may outlive the request. What was copied stays readable; what is bound to the connection, such as the
    ///    unread body, throws an error that names the reason.
    /// 8. The teardown of the request runs once, on the request's side, whatever its jobs do.
    /// 9. Nothing is lost silently: a refusal is thrown here, an error of the body comes from the future, and every
    ///    future completes.
    /// 10. Cancelling the future of a job that waits means that its body never runs.
    ///
    /// - Parameter body: What to run. It may block: that is what the workers are for.
    /// - Returns: The future of what `body` returns or throws.
    /// - Throws: ``ContextPoolError`` with the code `queueFull` or `shutDown`; `body` will not run then.
    @discardableResult
    public func submit<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) throws(ContextPoolError) -> Future<Value> {
        let future = Future<Value>(propagators: propagators)
        let snapshot = ContextSnapshot(of: .current, propagators: propagators)
        let job = ClosureJob(body, in: snapshot, future: future, queue: queue)
        try queue.admit(job)
        // Only now: future and job hold each other until the job ends, and a refused one never does.
        future.attach(job)
        return future
    }

    /// Runs an async `body` on the workers, inside a copy of the context that is current here.
    ///
    /// The laws are those of the other `submit`. Beyond them, a task of its own carries every task-local of the
    /// submitter, other libraries' included, which costs some two microseconds more. While the body is suspended it holds
    /// no worker, and it comes back to the pool; a `Task { }` that it makes itself leaves the pool, as Swift has it
    /// (SE-0417).
    ///
    /// - Parameter body: What to run. It must not block a worker for what it could await.
    /// - Returns: The future of what `body` returns or throws.
    /// - Throws: ``ContextPoolError`` with the code `queueFull` or `shutDown`; `body` will not run then.
    @discardableResult
    public func submit<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) throws(ContextPoolError) -> Future<Value> {
        let future = Future<Value>(propagators: propagators)
        let snapshot = ContextSnapshot(of: .current, propagators: [])
        let job = AsyncJob(body, in: snapshot, future: future, pool: self)
        try queue.admit(waiting: job)
        job.start()
        return future
    }
}
