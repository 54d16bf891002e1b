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
    ///     that run can see it by ``CurrentJob/isCancelled``. Not so jobs that are ``JobLifetime/detached``, and not once
    ///     the response was sent.
    /// 12. Waiting inside the pool for the pool never hangs: the worker that waits runs the job itself, or gets an error.
    ///
    /// - Parameters:
    ///   - lifetime: What becomes of the job when its request ends. Without a request it makes no difference.
    ///   - priority: The lane that it waits in.
    ///   - limit: How long the job may take from now on: where it has not begun by then it never will, and where it runs it is
    ///     told. It is inherited by what the job submits, and never extends what the job itself was given.
    ///   - selection: Which part of the context the job gets, in place of the pool's own.
    ///   - handingBack: Whether the future keeps what the job changes in its copy of the values, for ``Future/values``.
    ///   - name: A name for logs.
    ///   - file: Where it is submitted; leave it to the compiler.
    ///   - line: Where it is submitted; leave it to the compiler.
    ///   - body: What to run. It may block: that is what the workers are for.
    /// - Returns: The future of what `body` returns or throws.
    /// - Throws: ``ContextPoolError`` with the code `queueFull`, `shutDown`, `deadlinePassed` or, for a job that goes with its
    ///   request, `requestCancelled`; `invalidConfiguration` for a selection that names
    ///   what this pool does not carry; `body` will not run then.
    @discardableResult
    @inlinable
    public func submit<Value: Sendable>(
        _ lifetime: JobLifetime = .withRequest,
        priority: JobPriority = .normal,
        within limit: Duration? = nil,
        context selection: ContextSelection? = nil,
        handingBack: Bool = false,
        named name: String? = nil,
        file: String = #fileID,
        line: Int = #line,
        _ body: @escaping @Sendable () throws -> Value
    ) throws(ContextPoolError) -> Future<Value> {
        let order = JobOrder(lifetime, priority, limit, selection, name, SourceSite(file: file, line: line))
        let future = Future<Value>(home: home, lifetime: lifetime, handBack: handingBack ? ContextHandBack() : nil)
        try submit(order, for: future) { Future<Value>.keep(try body()) }
        return future
    }

    /// Runs an async `body` on the workers, inside a copy of the context that is current here.
    ///
    /// The laws are those of the other `submit`. Beyond them, a task of its own carries every task-local of the
    /// submitter, other libraries' included, which costs some two microseconds more. While the body is suspended it holds
    /// no worker, and it comes back to the pool; a `Task { }` that it makes itself leaves the pool, as Swift has it
    /// (SE-0417). When its request is cancelled while it runs, its task is cancelled, too.
    ///
    /// - Parameters:
    ///   - lifetime: What becomes of the job when its request ends. Without a request it makes no difference.
    ///   - priority: The lane that it waits in until it has begun.
    ///   - limit: How long the job may take from now on, as in the other `submit`.
    ///   - selection: Which part of the context the job gets, in place of the pool's own.
    ///   - handingBack: Whether the future keeps what the job changes in its copy of the values, for ``Future/values``.
    ///   - name: A name for logs.
    ///   - file: Where it is submitted; leave it to the compiler.
    ///   - line: Where it is submitted; leave it to the compiler.
    ///   - body: What to run. It must not block a worker for what it could await.
    /// - Returns: The future of what `body` returns or throws.
    /// - Throws: ``ContextPoolError`` with the code `queueFull`, `shutDown`, `deadlinePassed` or, for a job that goes with its
    ///   request, `requestCancelled`; `invalidConfiguration` for a selection that names
    ///   what this pool does not carry; `body` will not run then.
    @discardableResult
    @inlinable
    public func submit<Value: Sendable>(
        _ lifetime: JobLifetime = .withRequest,
        priority: JobPriority = .normal,
        within limit: Duration? = nil,
        context selection: ContextSelection? = nil,
        handingBack: Bool = false,
        named name: String? = nil,
        file: String = #fileID,
        line: Int = #line,
        _ body: @escaping @Sendable () async throws -> Value
    ) throws(ContextPoolError) -> Future<Value> {
        let order = JobOrder(lifetime, priority, limit, selection, name, SourceSite(file: file, line: line))
        let future = Future<Value>(home: home, lifetime: lifetime, handBack: handingBack ? ContextHandBack() : nil)
        try submit(order, for: future) { () async throws in Future<Value>.keep(try await body()) }
        return future
    }
}
