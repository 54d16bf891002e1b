import Synchronization

/// The place that a task takes in the pool while it is there: queued, counted and bounded like a job.
///
/// It is the executor that the task prefers meanwhile: when the task comes it waits in its lane, and its later parts go on
/// as those of any task.
final class Visit: Job, TaskExecutor {
    private struct State {
        /// The part with which the task comes, until somebody runs it.
        var arrival: UnownedJob?
        var hasArrived = false
        /// Whether it is counted in the queue, and has not been counted out.
        var isCounted = false
        /// Whether it ended before it began.
        var isGivenUp = false
        /// What the parts that have run took of the processors.
        var processorTime = Duration.zero
    }

    let submission: Submission
    let queue: JobQueue
    // Nobody waits for it; it knows which of begin, cancel and refuse came first.
    private let future = Future<Void>()
    /// The request of the task: whoever describes the visit may run in another one.
    private let request: RequestContext?
    private let flagged = Atomic<Bool>(false)
    private let placeInLane = Atomic<Int>(-1)
    private let state = Mutex(State())

    init(to queue: JobQueue, of request: RequestContext?, _ submission: Submission) {
        self.request = request
        self.queue = queue
        self.submission = submission
    }

    var place: Int {
        get { placeInLane.load(ordering: .relaxed) }
        set { placeInLane.store(newValue, ordering: .relaxed) }
    }

    /// It is ended by the cancellation of its task, which is the server's way to say that the client has left.
    var life: RequestLife? { nil }
    var values: ContextValues { request?.g ?? ContextValues() }
    var isFinished: Bool { future.isFinished }
    var isFlagged: Bool { flagged.load(ordering: .relaxed) }

    /// The task comes, or goes on; Swift calls it.
    func enqueue(_ job: consuming ExecutorJob) {
        let part = UnownedJob(job)
        holding { take(part) }
    }

    private func take(_ part: UnownedJob) {
        let isArrival = state.withLock { state in
            guard !state.hasArrived else { return false }
            state.hasArrived = true
            state.arrival = part
            return true
        }
        guard isArrival else { return queue.resume(part, on: self) }
        do throws(ContextPoolError) {
            _ = try queue.admit(self, callerMayBlock: false)
            state.withLock { $0.isCounted = true }
        } catch {
            queue.observer?.submissionRefused(info, error)
            refuse(error)
        }
        // It may have been cancelled before it came.
        if state.withLock({ $0.isGivenUp }) { leave() }
    }

    func run() -> Bool {
        let arrival = state.withLock { $0.arrival.take() }
        if let arrival { Worker.run(arrival, on: self) }
        return false
    }

    /// Claims the worker that the task has come to, for as long as `operation` takes.
    func run<Value: Sendable>(_ operation: @Sendable () async throws -> Value) async throws -> Value {
        guard future.begin() else { throw future.error ?? CancellationError() }
        queue.begun(self)
        let watch = queue.observer.map { JobWatch(self, $0) }
        do {
            let value = try await RunningJob.$current.withValue(self) { try await operation() }
            end(watch)
            return value
        } catch {
            end(watch, error)
            throw error
        }
    }

    private func end(_ watch: JobWatch?, _ error: (any Error)? = nil) {
        guard future.finish(.success(())) else { return }
        watch?.endVisit(error, processorTime: processorTime)
        queue.jobFinished(self)
    }

    /// What the parts took that have run, and the one that runs has taken so far.
    private var processorTime: Duration {
        state.withLock { $0.processorTime } + (Worker.current?.timeOfPart ?? .zero)
    }

    func charge(_ time: Duration) { state.withLock { $0.processorTime += time } }

    func cancel() { refuse(CancellationError()) }

    @discardableResult
    func refuse(_ error: any Error) -> Bool {
        let isRefused = future.finishUnstarted(with: error, isCancelled: true, leavingQueue: leaveQueue)
        if isRefused { ended() }
        return isRefused
    }

    func abandon(_ error: ContextPoolError) {
        guard future.finish(.failure(error)) else { return }
        queue.observer?.visitEnded(info, runUntilDeath(error, processorTime: state.withLock { $0.processorTime }))
        queue.jobFinished(self)
    }

    func leaveQueue() { queue.remove(self) }

    func ended() {
        state.withLock { $0.isGivenUp = true }
        leave()
    }

    /// It has been given up: it is counted out, and the task goes on, to find that it must not begin.
    private func leave() {
        leaveQueue()
        let (wasCounted, arrival) = state.withLock { state in
            defer { state.isCounted = false }
            return (state.isCounted, state.arrival.take())
        }
        if wasCounted { queue.neverRan(self, future.error ?? CancellationError()) }
        // On Swift's own threads, since no worker has come.
        if let arrival { globalConcurrentExecutor.enqueue(arrival) }
    }

    func flag() { flagged.store(true, ordering: .relaxed) }
}
