import Synchronization

/// The explicit lane: a plain closure, run inside the snapshot that was taken at `submit`.
final class ClosureJob<Value: Sendable>: Job {
    private let body: @Sendable () throws -> Value
    private let snapshot: ContextSnapshot
    private let future: Future<Value>
    let submission: Submission
    let queue: JobQueue
    private let placeInLane = Atomic<Int>(-1)
    private let flagged = Atomic<Bool>(false)

    init(
        _ body: @escaping @Sendable () throws -> Value,
        in snapshot: ContextSnapshot,
        future: Future<Value>,
        submission: Submission,
        queue: JobQueue
    ) {
        self.body = body
        self.snapshot = snapshot
        self.future = future
        self.submission = submission
        self.queue = queue
    }

    var place: Int {
        get { placeInLane.load(ordering: .relaxed) }
        set { placeInLane.store(newValue, ordering: .relaxed) }
    }

    var life: RequestLife? { snapshot.life }
    var values: ContextValues { snapshot.values }
    var isFinished: Bool { future.isFinished }
    var isFlagged: Bool { flagged.load(ordering: .relaxed) }

    func run() -> Bool {
        // Asked here as well: a worker may be quicker than the thread that goes from job to job to stop them.
        if let obstacle { refuse(obstacle) }
        guard future.begin() else { return false }
        // The scope is left, and so the worker's context is gone, before the future completes.
        if let observer = queue.observer {
            let watch = JobWatch(self, observer)
            let watched = { try observer.around(watch.job, self.body) }
            let result = Result { try snapshot.run(watched, atEnd: future.handBack?.put) }
            watch.end(result)
            future.finish(result)
        } else {
            future.finish(Result { try snapshot.run(body, atEnd: future.handBack?.put) })
        }
        return true
    }

    @discardableResult
    func refuse(_ error: any Error) -> Bool {
        let isRefused = future.finishUnstarted(with: error, isCancelled: error.isCancellation, leavingQueue: leaveQueue)
        if isRefused { queue.neverRan(self, error) }
        return isRefused
    }

    func abandon(_ error: ContextPoolError) {
        future.abandon(error)
        queue.jobFinished(self)
    }

    func leaveQueue() { queue.remove(self) }

    func ended() { queue.neverRan(self, CancellationError()) }

    func flag() { flagged.store(true, ordering: .relaxed) }
}
