import Synchronization

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
        let scope = ContextScope.current
        let deadline = deadline(in: limit, from: scope, lifetime)
        let site = SourceSite(file: file, line: line)
        try selection?.check(against: propagators)
        let snapshot = ContextSnapshot(
            of: scope,
            propagators: propagators,
            lifetime: lifetime,
            selection: selection ?? self.selection,
            site: site,
            deadline: deadline
        )
        let submission = submission(in: scope, snapshot.life, priority, deadline, name, site)
        let future = Future<Value>(home: home, lifetime: lifetime, handBack: handingBack ? ContextHandBack() : nil)
        let job = ClosureJob(body, in: snapshot, future: future, submission: submission, queue: queue)
        try start(job, future, lifetime, scope, limit)
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
        let scope = ContextScope.current
        let deadline = deadline(in: limit, from: scope, lifetime)
        let site = SourceSite(file: file, line: line)
        try selection?.check(against: propagators)
        let snapshot = ContextSnapshot(
            of: scope,
            propagators: propagators,
            lifetime: lifetime,
            selection: selection ?? self.selection,
            site: site,
            deadline: deadline,
            inTask: true
        )
        let submission = submission(in: scope, snapshot.life, priority, deadline, name, site)
        let future = Future<Value>(home: home, lifetime: lifetime, handBack: handingBack ? ContextHandBack() : nil)
        let job = AsyncJob(
            body,
            in: snapshot,
            future: future,
            submission: submission,
            queue: queue,
            inheritsTaskLocals: (selection ?? self.selection).hasAllTaskLocals
        )
        do throws(ContextPoolError) {
            try start(job, future, lifetime, scope, limit)
        } catch {
            job.discard(error)
            throw error
        }
        return future
    }

    /// Has the job taken in, and lets it be ended: by its future, with its request, by its own deadline.
    private func start<Value>(
        _ job: some Job,
        _ future: Future<Value>,
        _ lifetime: JobLifetime,
        _ scope: ContextScope,
        _ limit: Duration?
    ) throws(ContextPoolError) {
        do throws(ContextPoolError) {
            // A refusal is thrown (law 9); a queued job that is stopped a moment later fails with the same error.
            if let obstacle = job.obstacle { throw obstacle }
            if lifetime == .afterResponse, let life = scope.request?.lifeToShare() {
                try queue.hold(job)
                if !life.hold(job) { queue.release(job) }
            } else if try queue.admit(job, callerMayBlock: callerMayBlock) == .callerRuns {
                queue.begun(job)
                if CallersStack.run({ job.run() }) { queue.jobFinished(job) }
            }
        } catch {
            queue.observer?.submissionRefused(job.info, error)
            throw error
        }
        queue.observer?.jobSubmitted(job.info)
        connect(job, to: future)
        if limit != nil, let deadline = job.submission.deadline { expire(job, at: deadline, future) }
    }

    /// Lets an admitted job be cancelled, by its future and with its request.
    ///
    /// Not earlier: future, job and life hold each other until the job ends, and a refused one never does. It may have
    /// begun or ended by now, and its request may have been cancelled since it was admitted.
    private func connect<Value>(_ job: some Job, to future: Future<Value>) {
        guard let life = job.life else { return future.attach(job, seat: nil) }
        let seat = life.seat(job)
        future.attach(job, seat: seat)
        if seat == nil, life.isCancelled { job.stop(.requestCancelled(job.submission.site)) }
    }

    private func expire<Value>(_ job: some Job, at deadline: Duration, _ future: Future<Value>) {
        let ticket = alarm.ring(at: deadline) { [weak job] in job?.stop(.deadlinePassed(job?.submission.site)) }
        future.follow(asking: false) { [alarm] _ in
            alarm.cancel(ticket)
            return nil
        }
    }

    func submission(
        in scope: ContextScope,
        _ life: RequestLife?,
        _ priority: JobPriority,
        _ deadline: Duration?,
        _ name: String?,
        _ site: SourceSite
    ) -> Submission {
        Submission(
            number: jobNumbers.add(1, ordering: .relaxed).newValue,
            name: name,
            site: site,
            priority: priority,
            flow: scope.request.flatMap { fairness.flow($0) } ?? life.map { ObjectIdentifier($0).hashValue } ?? 0,
            deadline: deadline,
            submittedAt: queue.measures ? queue.clock.now() : .zero
        )
    }

    private func deadline(in limit: Duration?, from scope: ContextScope, _ lifetime: JobLifetime) -> Duration? {
        let inherited = lifetime.isDetached ? nil : scope.request?.deadlineForJobs
        return [inherited, deadline(in: limit)].compactMap { $0 }.min()
    }

    /// When a time that begins now is up, on the clock of this pool.
    func deadline(in limit: Duration?) -> Duration? { limit.map { queue.clock.now() + $0.clampedToAges } }

    /// Whether the calling thread may be held up by a job.
    private var callerMayBlock: Bool {
        guard CallersStack.hasRoom else { return false }
        if let worker = Worker.current { return worker.jobs.count < Worker.depthLimit }
        return RequestContext.current?.isOnEventLoop != true
    }
}
