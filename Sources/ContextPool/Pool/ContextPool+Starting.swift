import Synchronization

// What the two `submit` do whatever the type of the value: theirs is inlined into their callers, this is not.
extension ContextPool {
    @usableFromInline
    func submit<Value>(
        _ order: JobOrder,
        for future: Future<Value>,
        _ work: @escaping @Sendable () throws -> Completion.Value
    ) throws(ContextPoolError) {
        let scope = ContextScope.current
        let deadline = deadline(of: order, in: scope)
        let snapshot = try capture(scope, for: order, deadline, inTask: false)
        let submission = submission(in: scope, snapshot.life, order.priority, deadline, order.name, order.site)
        let job = ClosureJob(work, in: consume snapshot, for: future, submission: submission, queue: queue)
        try start(job, future, order, scope)
    }

    @usableFromInline
    func submit<Value>(
        _ order: JobOrder,
        for future: Future<Value>,
        _ work: @escaping @Sendable () async throws -> Completion.Value
    ) throws(ContextPoolError) {
        let scope = ContextScope.current
        let deadline = deadline(of: order, in: scope)
        let snapshot = try capture(scope, for: order, deadline, inTask: true)
        let job = AsyncJob(
            work,
            in: snapshot,
            for: future,
            submission: submission(in: scope, snapshot.life, order.priority, deadline, order.name, order.site),
            queue: queue,
            inheritsTaskLocals: (order.selection ?? selection).hasAllTaskLocals
        )
        do throws(ContextPoolError) {
            try start(job, future, order, scope)
        } catch {
            job.discard(error)
            throw error
        }
    }

    private func capture(
        _ scope: ContextScope,
        for order: JobOrder,
        _ deadline: Duration?,
        inTask: Bool
    ) throws(ContextPoolError) -> ContextSnapshot {
        try order.selection?.check(against: propagators)
        return ContextSnapshot(
            of: scope,
            propagators: propagators,
            lifetime: order.lifetime,
            selection: order.selection ?? selection,
            site: order.site,
            deadline: deadline,
            inTask: inTask
        )
    }

    /// Has the job taken in, and lets it be ended: by its future, with its request, by its own deadline.
    private func start(
        _ job: some Job,
        _ promise: any Promise,
        _ order: JobOrder,
        _ scope: ContextScope
    ) throws(ContextPoolError) {
        do throws(ContextPoolError) {
            // A refusal is thrown (law 9); a queued job that is stopped a moment later fails with the same error.
            if let obstacle = job.obstacle { throw obstacle }
            if order.lifetime == .afterResponse, let life = scope.request?.lifeToShare() {
                try queue.hold(job)
                if !life.hold(job) { queue.release(job) }
            } else if try queue.admit(job, callerMayBlock: callerMayRun) == .callerRuns {
                CallersStack.run(job)
            }
        } catch {
            queue.observer?.submissionRefused(job.info, error)
            throw error
        }
        queue.observer?.jobSubmitted(job.info)
        connect(job, to: promise)
        // Its own limit or an inherited one: that of the request tells its jobs through the life.
        if let deadline = job.submission.deadline { alarm.stop(job, at: deadline, unlessEnded: promise) }
    }

    /// Lets an admitted job be cancelled, by its future and with its request.
    ///
    /// Not earlier: future, job and life hold each other until the job ends, and a refused one never does. It may have
    /// begun or ended by now, and its request may have been cancelled since it was admitted.
    private func connect(_ job: some Job, to promise: any Promise) {
        guard let life = job.life else { return promise.attach(job, seat: nil) }
        let seat = life.seat(job)
        promise.attach(job, seat: seat)
        if seat == nil, life.isCancelled { job.stop(.requestCancelled(job.submission.site)) }
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
            number: queue.nextNumber(),
            name: name,
            site: site,
            priority: priority,
            flow: flow(of: scope, life),
            deadline: deadline,
            submittedAt: queue.measures ? queue.clock.now() : .zero
        )
    }

    private func flow(of scope: ContextScope, _ life: RequestLife?) -> Int {
        if let flow = fairness.flow, let request = scope.request { return flow(request) }
        return scope.flow(life)
    }

    private func deadline(of order: JobOrder, in scope: ContextScope) -> Duration? {
        .earlier(order.lifetime.isDetached ? nil : scope.deadlineForJobs, deadline(in: order.limit))
    }

    /// When a time that begins now is up, on the clock of this pool.
    func deadline(in limit: Duration?) -> Duration? { limit.map { queue.clock.now() + $0.clampedToAges } }

    /// Whether the calling thread may be held up by a job, asked where that is the policy of a full queue.
    private var callerMayRun: Bool {
        guard queue.whenFull == .callerRuns, CallersStack.hasRoom else { return false }
        if let worker = Worker.current { return worker.depth < Worker.depthLimit }
        return !EventLoopThread.isCurrent
    }
}
