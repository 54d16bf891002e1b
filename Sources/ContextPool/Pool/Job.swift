/// A submitted body on its way through the queue.
protocol Job: AnyObject, Cancellable {
    /// What was asked for when it was submitted.
    var submission: Submission { get }
    /// The queue that it went into.
    var queue: JobQueue { get }
    // What follows is demanded, although it comes from an extension, because so it is compiled for each type of job: for any of
    // them, each copies the whole submission.
    /// Which lane it waits in.
    var priority: JobPriority { get }
    /// Whose turns it takes there.
    var flow: Int { get }
    /// Why it should not begin any more, if so.
    var obstacle: ContextPoolError? { get }
    /// What is known of it.
    var info: JobInfo { get }
    /// Where it stands in its lane; only touched under the lock of the queue.
    var place: Int { get set }
    /// From when on it has waited for a worker; zero in a pool that nobody observes.
    var waitsSince: Duration { get }
    /// The life that it goes with, if any.
    var life: RequestLife? { get }
    /// The values of its request, for whoever describes it.
    var values: ContextValues { get }
    /// Whether its future is complete.
    var isFinished: Bool { get }
    /// Whether it was told, while it ran, that its result is no longer wanted.
    var isFlagged: Bool { get }
    /// Whether it may give its place to another job.
    var mayBeDropped: Bool { get }
    /// Runs it on the calling thread, to its end or to where it first suspends, unless it has been cancelled.
    ///
    /// - Returns: Whether it has ended here, and is to be counted as finished by the caller.
    func run() -> Bool
    /// Completes the future without running the body, where it has not begun; `false` where it has.
    @discardableResult
    func refuse(_ error: any Error) -> Bool
    /// Adds to the processor time of a job that runs in parts.
    func charge(_ time: Duration)
    /// Ends a job that has begun and cannot go on, because the worker died underneath it.
    func abandon(_ error: ContextPoolError)
}

extension Job {
    func charge(_ time: Duration) {}

    var waitsSince: Duration { submission.submittedAt }

    var mayBeDropped: Bool { true }

    /// Its request was cancelled, or its time is up: ends the job where it has not begun, tells it otherwise.
    func stop(_ error: ContextPoolError) { if !refuse(error) { flag() } }

    var priority: JobPriority { submission.priority }

    var flow: Int { submission.flow }

    var obstacle: ContextPoolError? {
        let life = life
        if let life, life.isCancelled { return .requestCancelled(submission.site) }
        // The clock is read for those only whose time is limited.
        let limit = Duration?.earlier(submission.deadline, life?.deadline)
        if let limit, queue.clock.now() >= limit { return .deadlinePassed(submission.site) }
        return nil
    }

    /// Whether it was told that its result is no longer wanted, or its request was.
    var isUnwanted: Bool { isFlagged || life?.isCancelled == true }

    var info: JobInfo {
        JobInfo(
            id: submission.number,
            pool: queue.pool,
            name: submission.name,
            site: submission.site,
            priority: submission.priority,
            values: values
        )
    }
}

/// What a call of `submit` asked for.
struct Submission: Sendable {
    let number: UInt64
    let name: String?
    let site: SourceSite
    let priority: JobPriority
    /// Whose turns the job takes.
    let flow: Int
    /// By when it must have begun and should have ended, on the clock of the pool.
    let deadline: Duration?
    /// When it was submitted; zero in a pool that nobody observes, and for a step, which can run only later.
    let submittedAt: Duration
}
