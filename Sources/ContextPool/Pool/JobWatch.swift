/// Measures one run of a job, for the observer of its pool.
struct JobWatch {
    let job: JobInfo
    private let observer: any ContextPoolObserver
    private let clock: PoolClock
    private let measures: Bool
    private let waited: Duration
    private let begunAt: Duration
    private let processorTimeBefore: Duration

    init(_ job: some Job, _ observer: any ContextPoolObserver) {
        self.job = job.info
        self.observer = observer
        clock = job.queue.clock
        measures = job.queue.measures
        begunAt = measures ? clock.now() : .zero
        waited = begunAt - job.waitsSince
        processorTimeBefore = measures ? PlatformThread.processorTime : .zero
    }

    /// Tells the observer; without `processorTime` it is what this thread has used since the beginning.
    func end<Value>(_ result: Result<Value, any Error>, processorTime: @autoclosure () -> Duration? = nil) {
        let error: (any Error)? = if case .failure(let error) = result { error } else { nil }
        observer.jobRan(job, makeRun(error, processorTime()))
    }

    /// Tells the observer of the end of a visit.
    func endVisit(_ error: (any Error)?, processorTime: Duration) {
        observer.visitEnded(job, makeRun(error, processorTime))
    }

    private func makeRun(_ error: (any Error)?, _ processorTime: @autoclosure () -> Duration?) -> JobRun {
        guard measures else { return JobRun(waited: .zero, took: .zero, processorTime: .zero, error: error) }
        // Before the clock is read, so that no more time is charged than has passed.
        let processorTime = processorTime() ?? PlatformThread.processorTime - processorTimeBefore
        return JobRun(waited: waited, took: clock.now() - begunAt, processorTime: processorTime, error: error)
    }
}

extension Job {
    /// Tells the observer that the job has ended with its thread, which took along when it had begun.
    func observeDeath(_ error: any Error) {
        queue.observer?.jobRan(info, runUntilDeath(error, processorTime: .zero))
    }

    /// How it ran until its thread ended.
    func runUntilDeath(_ error: any Error, processorTime: Duration) -> JobRun {
        let took = queue.measures ? queue.clock.now() - waitsSince : .zero
        return JobRun(waited: .zero, took: took, processorTime: processorTime, error: error)
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
