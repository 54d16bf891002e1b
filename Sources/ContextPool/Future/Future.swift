import Synchronization

/// The outcome of a job, now or later.
///
/// Every future completes, exactly once: with the value its body returned, with the error it threw, or with the reason
/// why it will not run. When it completes, the context that its job ran in has already been cleared from the worker.
/// It may be used from any thread, and keeps neither the body nor the context of its job once that has ended.
///
/// What shall happen next is a callback (``whenComplete(_:)``) or a step (``map(_:)``, ``flatMap(_:)``, ``recover(_:)``);
/// several futures become one with ``all(_:cancellingOthers:)``, ``first(of:cancellingOthers:)`` and
/// ``race(of:cancellingOthers:)``.
public final class Future<Value: Sendable>: Sendable {
    private enum Phase: Sendable {
        case queued
        case running
        case finished(Result<Value, any Error>, isCancelled: Bool)
    }

    private struct State {
        var phase = Phase.queued
        var followers = FIFO<(number: Int, follower: Follower)>()
        var nextNumber = 0
        /// The future that the last follower completed, until its own followers have been told.
        var following: (any Telling)?
        var job: (any Cancellable)?
        var seat: RequestLife.Seat?
        var board: Monitor<Result<Value, any Error>?>?
        /// The pools in which a worker waits for this future.
        var waitingQueues: [JobQueue] = []
        /// Whether anybody ever asked for the outcome, and what to say if it was a failure and nobody does.
        var isAskedFor = false
        var unseen: UnseenFailure?
    }

    private let guarded = Mutex(State())
    let home: FutureHome
    /// What the job was submitted as; the steps that follow it go by the same.
    let lifetime: JobLifetime

    /// Where the changes of the job wait for whoever has asked for them.
    let handBack: ContextHandBack?

    init(home: FutureHome = .none, lifetime: JobLifetime = .withRequest, handBack: ContextHandBack? = nil) {
        self.home = home
        self.lifetime = lifetime
        self.handBack = handBack
    }

    /// Where the job is on its way from the queue to its end.
    public var state: FutureState {
        guarded.withLock { state in
            switch state.phase {
            case .queued: .queued
            case .running: .running
            case .finished(_, isCancelled: true): .cancelled
            case .finished(.success, _): .succeeded
            case .finished(.failure, _): .failed
            }
        }
    }

    /// Whether the job has ended, in whichever way.
    public var isFinished: Bool {
        guarded.withLock { if case .finished = $0.phase { true } else { false } }
    }

    /// Whether the job was cancelled before its body began, by ``cancel()`` or with its request.
    public var isCancelled: Bool {
        guarded.withLock { if case .finished(_, isCancelled: true) = $0.phase { true } else { false } }
    }

    /// Cancels the job.
    ///
    /// A job that still waits in the queue ends now, with a `CancellationError`: its body never runs. A running one is
    /// not interrupted; the task of an async body is flagged, so that it may notice with `Task.isCancelled`.
    ///
    /// - Returns: Whether the body never has run and never will. `false` for a running or finished job is not an error.
    @discardableResult
    public func cancel() -> Bool {
        let job = guarded.withLock { $0.job }
        if finishUnstarted(with: CancellationError(), isCancelled: true, leavingQueue: { job?.leaveQueue() }) {
            job?.ended()
            return true
        }
        job?.flag()
        return isCancelled
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
        let (isTooLate, error) = guarded.withLock { state -> (Bool, (any Error)?) in
            if case .finished(let result, let isCancelled) = state.phase {
                return (true, isCancelled || state.isAskedFor ? nil : result.error)
            }
            state.job = job
            state.seat = seat
            return (false, nil)
        }
        guard isTooLate else { return }
        seat?.leave()
        // When it failed nobody could say which job it was.
        if let error { watch(error, of: job) }
    }

    /// Claims the job for running; `false` where it was finished while it waited, so that it must not run.
    func begin() -> Bool {
        guarded.withLock { state in
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
        if !finish(.failure(error)) { tellAll() }
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

    /// Has `follower` run with the outcome as it is: without a context, on the completing thread or here and now.
    ///
    /// - Parameters:
    ///   - asks: Whether it wants to know the outcome, rather than only that there is one.
    ///   - follower: Receives the outcome.
    /// - Returns: Its number for ``forget(_:)``; `nil` where it has run.
    @discardableResult
    func follow(asking asks: Bool = true, _ follower: @escaping Follower) -> Int? {
        let (finished, number, unseen) = guarded.withLock { state -> (Outcome?, Int?, UnseenFailure?) in
            if asks { state.isAskedFor = true }
            let unseen = asks ? state.unseen.take() : nil
            if case .finished(let result, let isCancelled) = state.phase { return ((result, isCancelled), nil, unseen) }
            state.nextNumber += 1
            state.followers.append((state.nextNumber, follower))
            return (nil, state.nextNumber, unseen)
        }
        unseen?.dismiss()
        if let finished { follower(finished)?.tellAll() }
        return number
    }

    /// Takes a follower back; a number that has run already is no mistake.
    func forget(_ number: Int) {
        // It dies outside of the lock.
        _ = guarded.withLock { $0.followers.removeAll { $0.number == number } }
    }

    /// Completes a future that has no job of its own, in whichever state it is, and leaves the telling to the caller.
    ///
    /// - Returns: Whose followers are to be told; `nil` where it was complete already.
    func settle(_ result: Result<Value, any Error>, isCancelled: Bool = false) -> (any Telling)? {
        claim(result, isCancelled: isCancelled) { _ in true } ? self : nil
    }

    /// What blocked threads look at: one for all of them, so that waiting again and again piles nothing up.
    var board: Monitor<Result<Value, any Error>?> {
        let (board, isNew) = guarded.withLock { state in
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
        guarded.withLock { state in
            if case .finished = state.phase { return false }
            if !state.waitingQueues.contains(where: { $0 === queue }) { state.waitingQueues.append(queue) }
            return true
        }
    }

    /// The job that completes it, until it has.
    var job: (any Cancellable)? { guarded.withLock { $0.job } }

    /// Why it failed; `nil` where it did not, or is not complete.
    var error: (any Error)? {
        guarded.withLock { if case .finished(.failure(let error), _) = $0.phase { error } else { nil } }
    }

    /// How many followers wait for the outcome.
    var observerCount: Int { guarded.withLock { $0.followers.count } }

    private func complete(
        with result: Result<Value, any Error>,
        isCancelled: Bool,
        if isAllowed: (borrowing Phase) -> Bool,
        beforeTelling: () -> Void = {}
    ) -> Bool {
        guard claim(result, isCancelled: isCancelled, if: isAllowed) else { return false }
        beforeTelling()
        tellAll()
        return true
    }

    private typealias Ended = (seat: RequestLife.Seat?, job: (any Cancellable)?)

    /// Writes the outcome down; nobody is told but workers that wait for it.
    private func claim(
        _ result: Result<Value, any Error>,
        isCancelled: Bool,
        if isAllowed: (borrowing Phase) -> Bool
    ) -> Bool {
        // What the job held dies outside of the lock.
        let (ended, queues, isAskedFor) = guarded.withLock { state -> (Ended?, [JobQueue], Bool) in
            if case .finished = state.phase { return (nil, [], false) }
            guard isAllowed(state.phase) else { return (nil, [], false) }
            state.phase = .finished(result, isCancelled: isCancelled)
            defer { state.waitingQueues = [] }
            return ((state.seat.take(), state.job.take()), state.waitingQueues, state.isAskedFor)
        }
        guard let ended else { return false }
        if case .failure(let error) = result, !isCancelled, !isAskedFor { watch(error, of: ended.job) }
        ended.seat?.leave()
        for queue in queues { queue.wakeWaiting() }
        return true
    }

    /// Nobody has asked for this failure: it is to be reported if nobody does.
    private func watch(_ error: any Error, of job: (any Cancellable)?) {
        guard let report = home.onUnaskedFailure?((job as? any Job)?.info, error) else { return }
        let unseen = UnseenFailure(report)
        // What it takes the place of knew less of the job.
        let other = guarded.withLock { state -> UnseenFailure? in
            guard !state.isAskedFor else { return unseen }
            defer { state.unseen = unseen }
            return state.unseen
        }
        other?.dismiss()
    }
}

extension Future: Telling {
    /// Takes the followers one by one, so that none is lost with a thread that one of them ends.
    func tellNext() -> Told {
        let (following, follower, outcome) = guarded.withLock { state -> ((any Telling)?, Follower?, Outcome?) in
            guard case .finished(let result, let isCancelled) = state.phase else { return (nil, nil, nil) }
            if let following = state.following.take() { return (following, nil, nil) }
            return (nil, state.followers.popFirst()?.follower, (result, isCancelled))
        }
        if let following { return .next(following) }
        guard let follower, let outcome else { return .nobodyLeft }
        guard let next = follower(outcome) else { return .told }
        guarded.withLock { $0.following = next }
        return .next(next)
    }
}
