extension ContextPool {
    /// Runs `body` as a job that can be found again by an id: for work that takes longer than a client waits.
    ///
    /// ```swift
    /// let job = try context.pool.submit(named: "report", keptFor: .seconds(60), ownedBy: context.g.user?.id) {
    ///     try Report.render { done in CurrentJob.report(done, "rendering") }
    /// }
    /// return .text("\(job.id)\n", status: .accepted)
    /// ```
    ///
    /// It is a job like any other, under the laws of the other `submit`. Beside that ``job(_:)-(JobID)`` finds it, from now
    /// until it has ended and `time` has passed since, or until the pool has more ended ones to keep than it may.
    ///
    /// - Parameters:
    ///   - lifetime: What becomes of the job when its request ends. A client that leaves after a normal response stops nothing.
    ///   - name: What it is, for logs and for whoever follows it. Several jobs may have the same.
    ///   - time: For how long it can be found after its end, with its result.
    ///   - owner: Whose it is, for ``job(_:ownedBy:)``.
    ///   - priority: The lane that it waits in.
    ///   - limit: How long the job may take from now on.
    ///   - selection: Which part of the context the job gets, in place of the pool's own.
    ///   - file: Where it is submitted; leave it to the compiler.
    ///   - line: Where it is submitted; leave it to the compiler.
    ///   - body: What to run. It may block, and says with ``CurrentJob/report(_:_:)`` how far it is.
    /// - Returns: The job, with its id and its future.
    /// - Throws: What the other `submit` throws; there is nothing to be found then.
    @discardableResult
    public func submit<Value: Sendable>(
        _ lifetime: JobLifetime = .withRequest,
        named name: String,
        keptFor time: Duration,
        ownedBy owner: String? = nil,
        priority: JobPriority = .normal,
        within limit: Duration? = nil,
        context selection: ContextSelection? = nil,
        file: String = #fileID,
        line: Int = #line,
        _ body: @escaping @Sendable () throws -> Value
    ) throws(ContextPoolError) -> NamedJob<Value> {
        let site = SourceSite(file: file, line: line)
        let job = KeptJob(name: name, owner: owner, site: site, keptFor: time, in: keptJobs)
        return try keep(job) { () throws(ContextPoolError) in
            try submit(
                lifetime,
                priority: priority,
                within: limit,
                context: selection,
                named: name,
                file: file,
                line: line
            ) { try job.run(body) }
        }
    }

    /// Runs an async `body` as a job that can be found again by an id.
    ///
    /// - Parameters:
    ///   - lifetime: What becomes of the job when its request ends. A client that leaves after a normal response stops nothing.
    ///   - name: What it is, for logs and for whoever follows it. Several jobs may have the same.
    ///   - time: For how long it can be found after its end, with its result.
    ///   - owner: Whose it is, for ``job(_:ownedBy:)``.
    ///   - priority: The lane that it waits in until it has begun.
    ///   - limit: How long the job may take from now on.
    ///   - selection: Which part of the context the job gets, in place of the pool's own.
    ///   - file: Where it is submitted; leave it to the compiler.
    ///   - line: Where it is submitted; leave it to the compiler.
    ///   - body: What to run. It must not block a worker for what it could await.
    /// - Returns: The job, with its id and its future.
    /// - Throws: What the other `submit` throws; there is nothing to be found then.
    @discardableResult
    public func submit<Value: Sendable>(
        _ lifetime: JobLifetime = .withRequest,
        named name: String,
        keptFor time: Duration,
        ownedBy owner: String? = nil,
        priority: JobPriority = .normal,
        within limit: Duration? = nil,
        context selection: ContextSelection? = nil,
        file: String = #fileID,
        line: Int = #line,
        _ body: @escaping @Sendable () async throws -> Value
    ) throws(ContextPoolError) -> NamedJob<Value> {
        let site = SourceSite(file: file, line: line)
        let job = KeptJob(name: name, owner: owner, site: site, keptFor: time, in: keptJobs)
        return try keep(job) { () throws(ContextPoolError) in
            try submit(
                lifetime,
                priority: priority,
                within: limit,
                context: selection,
                named: name,
                file: file,
                line: line
            ) { try await job.runAsync(body) }
        }
    }

    /// Has the job found from before its body may begin, so that the body itself finds it.
    private func keep<Value>(
        _ job: KeptJob,
        _ submit: () throws(ContextPoolError) -> Future<Value>
    ) throws(ContextPoolError) -> NamedJob<Value> {
        keptJobs.keep(job)
        do throws(ContextPoolError) {
            let future = try submit()
            job.follow(future)
            return NamedJob(future: future, kept: job)
        } catch {
            keptJobs.drop(job.id)
            throw error
        }
    }

    /// The job of this id, whoever owns it.
    ///
    /// - Parameter id: The id that `submit(named:keptFor:)` has given it.
    /// - Returns: The job; `nil` where there is none, or not any more.
    public func job(_ id: JobID) -> KeptJob? { keptJobs.find(id) }

    /// The job of this id, if it is this owner's: what a route asks that a client may ask anything.
    ///
    /// An id cannot be guessed, but it can be seen: in a log, in the history of a browser, over a shoulder.
    ///
    /// - Parameters:
    ///   - id: The text of an id, as the client sent it.
    ///   - owner: Who asks; `nil` is the owner of jobs that were submitted without one.
    /// - Returns: The job; `nil` where there is none, not any more, or it is somebody else's, which the client should not be
    ///   able to tell apart.
    public func job(_ id: String, ownedBy owner: String?) -> KeptJob? {
        guard let job = JobID(id).flatMap(keptJobs.find), job.owner == owner else { return nil }
        return job
    }
}
