import Synchronization

/// The outcome of a job, now or later.
///
/// Every future completes, exactly once: with the value its body returned, with the error it threw, or with the reason
/// why it will not run. When it completes, the context that its job ran in has already been cleared from the worker.
/// It may be used from any thread, and keeps neither the body nor the context of its job once that has ended.
public final class Future<Value: Sendable>: Sendable {
    private enum Phase: Sendable {
        case queued
        case running
        case finished(Result<Value, any Error>, isCancelled: Bool)
    }

    private struct State {
        var phase = Phase.queued
        var callbacks = FIFO<@Sendable (Result<Value, any Error>) -> Void>()
        var job: (any Cancellable)?
        var seat: RequestLife.Seat?
        var board: Monitor<Result<Value, any Error>?>?
        /// The pools in which a worker waits for this future.
        var waitingQueues: [JobQueue] = []
    }

    private let state = Mutex(State())
    private let propagators: [ContextPropagator]

    /// Where the changes of the job wait for whoever has asked for them.
    let handBack: ContextHandBack?

    init(propagators: [ContextPropagator] = [], handBack: ContextHandBack? = nil) {
        self.propagators = propagators
        self.handBack = handBack
    }

    /// Whether the job has ended, in whichever way.
    public var isFinished: Bool {
        state.withLock { if case .finished = $0.phase { true } else { false } }
    }

    /// Whether the job was cancelled before its body began, by ``cancel()`` or with its request.
    public var isCancelled: Bool {
        state.withLock { if case .finished(_, isCancelled: true) = $0.phase { true } else { false } }
    }

    /// Cancels the job.
    ///
    /// A job that still waits in the queue ends now, with a `CancellationError`: its body never runs. A running one is
    /// not interrupted; the task of an async body is flagged, so that it may notice with `Task.isCancelled`.
    ///
    /// - Returns: Whether the body never has run and never will. `false` for a running or finished job is not an error.
    @discardableResult
    public func cancel() -> Bool {
        let job = state.withLock { $0.job }
        if finishUnstarted(with: CancellationError(), isCancelled: true, leavingQueue: { job?.leaveQueue() }) {
            job?.ended()
            return true
        }
        job?.flag()
        return isCancelled
    }

    /// Runs `callback` when the future completes, or at once, on the calling thread, where it already has.
    ///
    /// It runs after the job's context was cleared and with the context of the line that added it, as captured here. It
    /// runs on the thread that completes the future: a worker, or whoever cancels. Keep it short.
    ///
    /// - Parameter callback: Receives the outcome.
    public func whenComplete(_ callback: @escaping @Sendable (Result<Value, any Error>) -> Void) {
        let snapshot = ContextSnapshot(of: .current, propagators: propagators)
        observe { outcome in
            // Only a broken propagator can throw here, before the callback or after it. The outcome is delivered once
            // all the same, where need be without its context.
            var isDelivered = false
            let deliver = {
                isDelivered = true
                callback(outcome)
            }
            do { try snapshot.run(deliver) } catch { if !isDelivered { ContextScope.none.bind(deliver) } }
        }
    }
}

/// What a future needs of its job to cancel it.
protocol Cancellable: Sendable {
    /// The job will not run: give its place in the queue back.
    func leaveQueue()
    /// The job has left the queue, and whoever waited for it has been told.
    func ended()
    /// The job is running: tell it that its result is no longer wanted.
    func flag()
}

extension Future {
    /// Connects the future to its job, and the job to the life of its request, until it finishes.
    func attach(_ job: some Cancellable, seat: RequestLife.Seat?) {
        let isTooLate = state.withLock { state in
            if case .finished = state.phase { return true }
            state.job = job
            state.seat = seat
            return false
        }
        if isTooLate { seat?.leave() }
    }

    /// Claims the job for running; `false` where it was finished while it waited, so that it must not run.
    func begin() -> Bool {
        state.withLock { state in
            guard case .queued = state.phase else { return false }
            state.phase = .running
            return true
        }
    }

    /// Completes the future of a job that has begun; `false` where it has not, or has ended.
    @discardableResult
    func finish(_ result: Result<Value, any Error>) -> Bool {
        complete(with: result, isCancelled: false) { if case .running = $0 { true } else { false } }
    }

    /// Completes the future of a job whose thread has died, or tells those whom the thread did not come to tell.
    func abandon(_ error: any Error) {
        guard !finish(.failure(error)) else { return }
        let phase = state.withLock { $0.phase }
        if case .finished(let result, _) = phase { tell(result) }
    }

    /// Completes the future of a job that will not run; `false` where it has begun or ended.
    ///
    /// The job leaves the queue before anybody is told, so that whoever hears of it finds its place free.
    @discardableResult
    func finishUnstarted(
        with error: any Error,
        isCancelled: Bool = false,
        leavingQueue: () -> Void = {}
    ) -> Bool {
        complete(with: .failure(error), isCancelled: isCancelled) {
            if case .queued = $0 { true } else { false }
        } beforeTelling: {
            leavingQueue()
        }
    }

    /// Calls `callback` with the outcome as it is: no context, on the completing thread or here and now.
    func observe(_ callback: @escaping @Sendable (Result<Value, any Error>) -> Void) {
        let finished = state.withLock { state -> Result<Value, any Error>? in
            if case .finished(let result, _) = state.phase { return result }
            state.callbacks.append(callback)
            return nil
        }
        if let finished { callback(finished) }
    }

    /// What blocked threads look at: one for all of them, so that waiting again and again piles nothing up.
    var board: Monitor<Result<Value, any Error>?> {
        let (board, isNew) = state.withLock { state in
            if let board = state.board { return (board, false) }
            let board = Monitor<Result<Value, any Error>?>(nil)
            state.board = board
            return (board, true)
        }
        if isNew {
            observe { result in
                board.withLock { $0 = result }
                board.broadcast()
            }
        }
        return board
    }

    /// Has `queue` told of the completion, for a worker of it that waits; `false` where the future is complete.
    func announce(to queue: JobQueue) -> Bool {
        state.withLock { state in
            if case .finished = state.phase { return false }
            if !state.waitingQueues.contains(where: { $0 === queue }) { state.waitingQueues.append(queue) }
            return true
        }
    }

    /// The job that completes it, until it has.
    var job: (any Cancellable)? { state.withLock { $0.job } }

    /// Why it failed; `nil` where it did not, or is not complete.
    var error: (any Error)? {
        state.withLock { if case .finished(.failure(let error), _) = $0.phase { error } else { nil } }
    }

    /// How many callbacks wait for the outcome.
    var observerCount: Int { state.withLock { $0.callbacks.count } }

    private func complete(
        with result: Result<Value, any Error>,
        isCancelled: Bool,
        if isAllowed: (borrowing Phase) -> Bool,
        beforeTelling: () -> Void = {}
    ) -> Bool {
        let (isCompleted, seat, queues) = state.withLock { state in
            guard isAllowed(state.phase) else { return (false, RequestLife.Seat?.none, [JobQueue]()) }
            state.phase = .finished(result, isCancelled: isCancelled)
            state.job = nil
            defer { state.waitingQueues = [] }
            return (true, state.seat.take(), state.waitingQueues)
        }
        guard isCompleted else { return false }
        seat?.leave()
        beforeTelling()
        for queue in queues { queue.wakeWaiting() }
        tell(result)
        return true
    }

    /// Takes the callbacks one by one, so that none is lost with a thread that one of them ends.
    private func tell(_ result: Result<Value, any Error>) {
        while let callback = state.withLock({ $0.callbacks.popFirst() }) { callback(result) }
    }
}
