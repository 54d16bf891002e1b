import Synchronization

/// The explicit lane: a plain closure, run inside the snapshot that was taken at `submit`.
final class ClosureJob: Job {
    /// Runs the body, and puts its value where the future finds it.
    private let work: @Sendable () throws -> Completion.Value
    private let snapshot: ContextSnapshot
    private let promise: any Promise
    let submission: Submission
    let queue: JobQueue
    private let placeInLane = Atomic<Int>(-1)
    private let flagged = Atomic<Bool>(false)

    init(
        _ work: @escaping @Sendable () throws -> Completion.Value,
        in snapshot: ContextSnapshot,
        for promise: any Promise,
        submission: Submission,
        queue: JobQueue
    ) {
        self.work = work
        self.snapshot = snapshot
        self.promise = promise
        self.submission = submission
        self.queue = queue
    }

    var place: Int {
        get { placeInLane.load(ordering: .relaxed) }
        set { placeInLane.store(newValue, ordering: .relaxed) }
    }

    var life: RequestLife? { snapshot.life }
    var values: ContextValues { snapshot.values }
    var isFinished: Bool { promise.isFinished }
    var isFlagged: Bool { flagged.load(ordering: .relaxed) }

    func run() -> Bool {
        // Asked here as well: a worker may be quicker than the thread that goes from job to job to stop them.
        if let obstacle { refuse(obstacle) }
        guard promise.begin() else { return false }
        // The scope is left, and so the worker's context is gone, before the future completes.
        promise.complete(with: runObserved())
        return true
    }

    private func runObserved() -> Result<Completion.Value, any Error> {
        guard let observer = queue.observer else { return run(work) }
        let watch = JobWatch(self, observer)
        let result = run { try observer.around(watch.job, work) }
        watch.end(result)
        return result
    }

    private func run(_ work: () throws -> Completion.Value) -> Result<Completion.Value, any Error> {
        Result { try snapshot.run(work, atEnd: promise.handBack?.put) }
    }

    @discardableResult
    func refuse(_ error: any Error) -> Bool {
        let isRefused = promise.finishUnstarted(
            with: error,
            isCancelled: error.isCancellation,
            leavingQueue: leaveQueue
        )
        if isRefused { queue.neverRan(self, error) }
        return isRefused
    }

    func abandon(_ error: ContextPoolError) {
        if promise.abandon(error) { observeDeath(error) }
        queue.jobFinished(self)
    }

    func leaveQueue() { queue.remove(self) }

    func ended() { queue.neverRan(self, CancellationError()) }

    func flag() { flagged.store(true, ordering: .relaxed) }
}
