import Synchronization

/// What runs once another future is complete: first it waits for that one, then in the queue for a worker.
///
/// It is counted by the queue only from the moment on at which it can run. Cancelling may come at any time, also in
/// between, so `state` decides once which of both was first.
final class Step<Value: Sendable>: Job {
    private enum Stage {
        /// Waits for the source; `forget` takes it back from there.
        case source(Source?, forget: (@Sendable () -> Void)?)
        /// May begin, and is counted by the queue from when it has been taken in; the body goes when it begins or never will.
        case queue(body: (@Sendable () throws -> Value)?, isCounted: Bool)
        case gone
    }

    // Weakly, so that what is derived keeps no source.
    private struct Source: Sendable {
        weak let future: (any Promise)?
    }

    let submission: Submission
    let queue: JobQueue
    private let snapshot: ContextSnapshot
    private let future: Future<Value>
    private let stage: Mutex<Stage>
    private let flagged = Atomic<Bool>(false)
    private let placeInLane = Atomic<Int>(-1)
    private let ready = Mutex(Duration.zero)

    init(
        in snapshot: ContextSnapshot,
        following source: any Promise,
        future: Future<Value>,
        flow: Int,
        deadline: Duration?
    ) {
        stage = Mutex(.source(Source(future: source), forget: nil))
        self.snapshot = snapshot
        self.future = future
        queue = future.home.queue
        submission = Submission(
            number: future.home.queue.nextNumber(),
            name: nil,
            site: snapshot.site ?? SourceSite(),
            priority: .normal,
            flow: flow,
            deadline: deadline,
            submittedAt: .zero
        )
    }

    var place: Int {
        get { placeInLane.load(ordering: .relaxed) }
        set { placeInLane.store(newValue, ordering: .relaxed) }
    }

    var life: RequestLife? { snapshot.life }
    var values: ContextValues { snapshot.values }
    var waitsSince: Duration { ready.withLock { $0 } }
    var isFlagged: Bool { flagged.load(ordering: .relaxed) }
    /// What follows a job that has begun must be able to go on.
    var mayBeDropped: Bool { false }

    /// Lets the step be ended: by its future, with the request that it was added in, by its deadline.
    func connect() {
        future.attach(self, seat: life?.seat(self))
        if let obstacle {
            stop(obstacle)
        } else if let deadline = submission.deadline {
            future.home.alarm.stop(self, at: deadline, unlessEnded: future)
        }
    }

    /// Remembers how to leave the source, unless it has been left already.
    func follows(_ forget: @escaping @Sendable () -> Void) {
        let isGone = stage.withLock { stage in
            if case .source(let source, _) = stage { stage = .source(source, forget: forget) }
            if case .gone = stage { return true }
            return false
        }
        if isGone { forget() }
    }

    /// The source is complete: goes to the pool's workers, or, after the end of the pool, to Swift's own threads.
    func start(_ body: @escaping @Sendable () throws -> Value) {
        let isWanted = stage.withLock { stage in
            if case .gone = stage { return false }
            stage = .queue(body: body, isCounted: false)
            return true
        }
        guard isWanted else { return }
        if queue.measures { ready.withLock { $0 = queue.clock.now() } }
        guard queue.admitStep(self) else {
            Task.detached { self.runUncounted() }
            return
        }
        // It may have been given up meanwhile, or have begun.
        let isGone = stage.withLock { stage in
            if case .queue(let body?, _) = stage { stage = .queue(body: body, isCounted: true) }
            if case .gone = stage { return true }
            return false
        }
        if isGone {
            queue.remove(self)
            queue.countOut()
        } else {
            queue.observer?.jobSubmitted(info)
        }
    }

    var isFinished: Bool { future.isFinished }

    func run() -> Bool {
        if let obstacle { refuse(obstacle) }
        guard future.begin() else { return false }
        future.finish(runObserved())
        return true
    }

    private func runObserved() -> Result<Value, any Error> {
        guard let observer = queue.observer else { return runBody { try $0() } }
        let watch = JobWatch(self, observer)
        let result = runBody { body in try observer.around(watch.job, body) }
        watch.end(result)
        return result
    }

    /// The body lives only as long as it runs, as that of any job: its captures are gone before anybody is told.
    private func runBody(_ run: (() throws -> Value) throws -> Value) -> Result<Value, any Error> {
        let body = stage.withLock { stage -> (@Sendable () throws -> Value)? in
            guard case .queue(let body, let isCounted) = stage else { return nil }
            stage = .queue(body: nil, isCounted: isCounted)
            return body
        }
        guard let body else { return .failure(CancellationError()) }
        return Result { try snapshot.run { try run(body) } }
    }

    private func runUncounted() {
        if let obstacle { refuse(obstacle) }
        if future.begin() { future.finish(runObserved()) }
    }

    @discardableResult
    func refuse(_ error: any Error) -> Bool {
        var wasCounted = false
        let isFirst = future.finishUnstarted(with: error, isCancelled: error.isCancellation) { wasCounted = leave() }
        if isFirst, wasCounted { queue.neverRan(self, error) }
        return isFirst
    }

    func abandon(_ error: ContextPoolError) {
        if future.abandon(error) { observeDeath(error) }
        queue.jobFinished(self)
    }

    // As one: whoever cancels calls the second only after the first.
    func leaveQueue() { if leave() { queue.neverRan(self, CancellationError()) } }

    func ended() {}

    func flag() { flagged.store(true, ordering: .relaxed) }

    var sources: Sources {
        let source = stage.withLock { stage -> (any Promise)? in
            if case .source(let source, _) = stage { source?.future } else { nil }
        }
        return Sources(futures: source.map { [$0] } ?? [])
    }

    /// Gives up the place, wherever that is; whether the queue had counted it.
    private func leave() -> Bool {
        let left = stage.withLock { stage -> Stage in
            defer { stage = .gone }
            return stage
        }
        switch left {
        case .gone: return false
        case .source(_, let forget):
            forget?()
            return false
        case .queue(_, let isCounted):
            queue.remove(self)
            return isCounted
        }
    }
}
