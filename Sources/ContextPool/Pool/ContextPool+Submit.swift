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
    /// 11. When the client goes away or the time of the request is up, the jobs of the request that wait never begin; those
    ///     that run can see it by `RequestContext.current?.isCancelled`. Not so jobs that are ``JobLifetime/detached``, and
    ///     not once the response was sent.
    ///
    /// - Parameter body: What to run. It may block: that is what the workers are for.
    /// - Returns: The future of what `body` returns or throws.
    /// - Throws: ``ContextPoolError`` with the code `queueFull`, `shutDown` or `requestCancelled`; `body` will not run then.
    @discardableResult
    public func submit<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) throws(ContextPoolError) -> Future<Value> {
        try submit(.withRequest, body)
    }

    /// Runs `body` on a worker like the other `submit`, whatever becomes of the request: `pool.submit(.detached) { }`.
    ///
    /// - Parameters:
    ///   - lifetime: Whether the job is stopped with its request. Without a request it makes no difference.
    ///   - body: What to run. It may block.
    /// - Returns: The future of what `body` returns or throws.
    /// - Throws: ``ContextPoolError`` with the code `queueFull`, `shutDown` or, for a job that goes with its request,
    ///   `requestCancelled`; `body` will not run then.
    @discardableResult
    public func submit<Value: Sendable>(
        _ lifetime: JobLifetime,
        _ body: @escaping @Sendable () throws -> Value
    ) throws(ContextPoolError) -> Future<Value> {
        let snapshot = ContextSnapshot(of: .current, propagators: propagators, lifetime: lifetime)
        try refuseIfCancelled(snapshot)
        let future = Future<Value>(home: home, lifetime: lifetime)
        let job = ClosureJob(body, in: snapshot, future: future, queue: queue)
        try queue.admit(job)
        connect(job, to: future, in: snapshot)
        return future
    }

    /// Runs an async `body` on the workers, inside a copy of the context that is current here.
    ///
    /// The laws are those of the other `submit`. Beyond them, a task of its own carries every task-local of the
    /// submitter, other libraries' included, which costs some two microseconds more. While the body is suspended it holds
    /// no worker, and it comes back to the pool; a `Task { }` that it makes itself leaves the pool, as Swift has it
    /// (SE-0417). When its request is cancelled while it runs, its task is cancelled, too.
    ///
    /// - Parameter body: What to run. It must not block a worker for what it could await.
    /// - Returns: The future of what `body` returns or throws.
    /// - Throws: ``ContextPoolError`` with the code `queueFull`, `shutDown` or `requestCancelled`; `body` will not run then.
    @discardableResult
    public func submit<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) throws(ContextPoolError) -> Future<Value> {
        try submit(.withRequest, body)
    }

    /// Runs an async `body` on the workers like the other `submit`, whatever becomes of the request, where it is
    /// `.detached`.
    ///
    /// - Parameters:
    ///   - lifetime: Whether the job is stopped with its request. Without a request it makes no difference.
    ///   - body: What to run. It must not block a worker for what it could await.
    /// - Returns: The future of what `body` returns or throws.
    /// - Throws: ``ContextPoolError`` with the code `queueFull`, `shutDown` or, for a job that goes with its request,
    ///   `requestCancelled`; `body` will not run then.
    @discardableResult
    public func submit<Value: Sendable>(
        _ lifetime: JobLifetime,
        _ body: @escaping @Sendable () async throws -> Value
    ) throws(ContextPoolError) -> Future<Value> {
        let snapshot = ContextSnapshot(of: .current, propagators: [], lifetime: lifetime)
        try refuseIfCancelled(snapshot)
        let future = Future<Value>(home: home, lifetime: lifetime)
        let job = AsyncJob(body, in: snapshot, future: future, pool: self)
        try queue.admit(waiting: job)
        job.start()
        connect(job, to: future, in: snapshot)
        return future
    }

    /// A refusal is thrown (law 9); a queued job that is stopped a moment later fails with the same error.
    private func refuseIfCancelled(_ snapshot: ContextSnapshot) throws(ContextPoolError) {
        if snapshot.life?.isCancelled == true { throw .requestCancelled }
    }

    /// Lets an admitted job be cancelled, by its future and with its request.
    ///
    /// Not earlier: future, job and life hold each other until the job ends, and a refused one never does. It may have
    /// begun or ended by now, and its request may have been cancelled since it was admitted.
    private func connect<Value>(_ job: some Job, to future: Future<Value>, in snapshot: ContextSnapshot) {
        guard let life = snapshot.life else { return future.attach(job, seat: nil) }
        let seat = life.seat(job)
        future.attach(job, seat: seat)
        guard seat == nil, life.isCancelled else { return }
        job.stop()
        queue.discardFinished()
    }
}
