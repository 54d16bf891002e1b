/// Measures one run of a job, for the observer of its pool.
struct JobWatch {
    let job: JobInfo
    private let observer: any ContextPoolObserver
    private let clock: PoolClock
    private let waited: Duration
    private let begunAt: Duration
    private let processorTimeBefore: Duration

    init(_ job: some Job, _ observer: any ContextPoolObserver) {
        self.job = job.info
        self.observer = observer
        clock = job.queue.clock
        begunAt = clock.now()
        waited = begunAt - job.submission.submittedAt
        processorTimeBefore = PlatformThread.processorTime
    }

    /// Tells the observer; without `processorTime` it is what this thread has used since the beginning.
    func end(_ result: Result<Completion.Value, any Error>, processorTime: Duration? = nil) {
        // Before the clock is read, so that no more time is charged than has passed.
        let processorTime = processorTime ?? PlatformThread.processorTime - processorTimeBefore
        let error: (any Error)? = if case .failure(let error) = result { error } else { nil }
        observer.jobRan(
            job,
            JobRun(
                waited: waited,
                took: clock.now() - begunAt,
                processorTime: processorTime,
                error: error
            )
        )
    }
}

extension Error {
    /// Whether it says that nobody wanted the result any more.
    var isCancellation: Bool {
        switch self {
        case is CancellationError: true
        case let error as ContextPoolError: error.code == .requestCancelled || error.code == .deadlinePassed
        default: false
        }
    }
}
