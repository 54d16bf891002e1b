import Synchronization

/// What runs once another future is complete: first it waits for that one, then in the queue for a worker.
///
/// It is counted by the queue only from the moment on at which it can run. Cancelling may come at any time, also in
/// between, so `state` decides once which of both was first.
final class Step<Value: Sendable>: RunnableJob {
    private enum Place {
        /// Waits for the source; `forget` takes it back from there.
        case source(forget: (@Sendable () -> Void)?)
        /// Counted by the queue; the body goes when it begins or never will.
        case queue(body: (@Sendable () throws -> Value)?)
        case gone
    }

    let queue: JobQueue
    private let snapshot: ContextSnapshot
    private let future: Future<Value>
    private let place = Mutex(Place.source(forget: nil))

    init(in snapshot: ContextSnapshot, future: Future<Value>) {
        self.snapshot = snapshot
        self.future = future
        queue = future.home.queue
    }

    /// Lets the step be cancelled, by its future and with the request it was added in.
    func connect() {
        let seat = snapshot.life?.seat(self)
        future.attach(self, seat: seat)
        if seat == nil, snapshot.life?.isCancelled == true { stop() }
    }

    /// Remembers how to leave the source, unless it has been left already.
    func follows(_ forget: @escaping @Sendable () -> Void) {
        let isGone = place.withLock { place in
            if case .source = place { place = .source(forget: forget) }
            if case .gone = place { return true }
            return false
        }
        if isGone { forget() }
    }

    /// The source is complete: goes to the pool's workers, or, after the end of the pool, to Swift's own threads.
    func start(_ body: @escaping @Sendable () throws -> Value) {
        guard queue.reserveStep() else {
            Task.detached { self.runUncounted(body) }
            return
        }
        let isWanted = place.withLock { place in
            if case .gone = place { return false }
            place = .queue(body: body)
            return true
        }
        guard isWanted else {
            queue.leaveQueue()
            return queue.jobFinished()
        }
        if !queue.admitReserved(self) { Task.detached { self.run() } }
    }

    var isFinished: Bool { future.isFinished }

    func run() {
        if snapshot.life?.isCancelled == true { stop() }
        guard future.begin() else { return }
        queue.leaveQueue()
        future.finish(runBody())
        queue.jobFinished()
    }

    /// The body lives only as long as it runs, as that of any job: its captures are gone before anybody is told.
    private func runBody() -> Result<Value, any Error> {
        let body = place.withLock { place -> (@Sendable () throws -> Value)? in
            guard case .queue(let body) = place else { return nil }
            place = .queue(body: nil)
            return body
        }
        guard let body else { return .failure(CancellationError()) }
        return Result { try snapshot.run(body) }
    }

    private func runUncounted(_ body: @Sendable () throws -> Value) {
        guard future.begin() else { return }
        future.finish(Result { try snapshot.run(body) })
    }

    func refuse(_ error: ContextPoolError) { giveUp(error, isCancelled: false) }

    func stop() { giveUp(ContextPoolError.requestCancelled, isCancelled: true) }

    private func giveUp(_ error: ContextPoolError, isCancelled: Bool) {
        var wasCounted = false
        let isFirst = future.finishUnstarted(with: error, isCancelled: isCancelled) { wasCounted = leave() }
        if isFirst, wasCounted { queue.jobFinished() }
    }

    func abandon(_ error: ContextPoolError) {
        future.abandon(error)
        queue.jobFinished()
    }

    func leaveQueue() { if leave() { queue.discard(self) } }

    func ended() {
        if place.withLock({ if case .queue = $0 { true } else { false } }) { queue.jobFinished() }
    }

    func flag() {}

    /// Gives up the place, wherever that is; whether the queue had counted it.
    private func leave() -> Bool {
        let left = place.withLock { place -> Place in
            let left = place
            if case .queue = place { place = .queue(body: nil) } else { place = .gone }
            return left
        }
        switch left {
        case .gone: return false
        case .source(let forget):
            forget?()
            return false
        case .queue:
            queue.leaveQueue()
            return true
        }
    }
}
