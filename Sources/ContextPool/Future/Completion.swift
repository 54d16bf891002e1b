import Synchronization

/// Everything about a future but the type of its value: where it stands, how it ended, and who wants to hear of that.
///
/// It knows no types of others, on purpose: code that is generic over the value of a future looks up metadata at run time
/// wherever it was not compiled together with its caller, which took more than half of the time of an empty job. So the
/// value is in a box: a field of its own type would have to be looked up when the future is made and when it dies.
@usableFromInline struct Completion: ~Copyable, Sendable {
    /// Who is told of the end, once.
    ///
    /// No bare closure, which would be wrapped into another one wherever it is kept in generic hands.
    enum Listener: Sendable {
        /// Runs, and returns the future that it completed, if any.
        case closure(@Sendable () -> (any Telling)?)
        /// Goes on.
        case task(SuspendedTask)

        func tell() -> (any Telling)? {
            switch self {
            case .closure(let closure): return closure()
            case .task(let task):
                task.wake()
                return nil
            }
        }
    }

    /// A ``KeptValue`` of the future's type.
    @usableFromInline typealias Value = any AnyObject & Sendable

    enum Phase {
        case queued
        case running
        case succeeded(Value)
        /// It failed, or was cancelled before the body began.
        case failed(any Error, isCancelled: Bool)
    }

    /// Which phases an end may follow.
    enum Origin {
        case queued
        case running
        case either
    }

    struct State {
        var phase = Phase.queued
        var listeners = Listeners()
        /// The future that the last listener completed, until its own listeners have been told.
        var following: (any Telling)?
        var job: (any Cancellable)?
        var seat: RequestLife.Seat?
        /// The pools in which a worker waits for this future.
        var waitingQueues: [JobQueue] = []
        /// Whether anybody ever asked for the outcome, and what to say if it was a failure and nobody does.
        var isAskedFor = false
        var unseen: UnseenFailure?
    }

    private let guarded = Mutex(State())

    @usableFromInline init() {}

    var phase: Phase { guarded.withLock { $0.phase } }

    /// The job that completes it, until it has.
    var job: (any Cancellable)? { guarded.withLock { $0.job } }

    var listenerCount: Int { guarded.withLock { $0.listeners.count } }

    /// Connects it to its job, and the job to the life of its request, until it ends.
    ///
    /// - Returns: The error, where it has failed and nobody has asked: when that happened nobody could say which job it was.
    func attach(_ job: some Cancellable, seat: RequestLife.Seat?) -> (any Error)? {
        let (isTooLate, error) = guarded.withLock { state -> (Bool, (any Error)?) in
            guard !state.phase.isFinished else { return (true, state.isAskedFor ? nil : state.phase.failure) }
            state.job = job
            state.seat = seat
            return (false, nil)
        }
        if isTooLate { seat?.leave() }
        return error
    }

    /// Claims the job for running; `false` where it was ended while it waited, so that it must not run.
    func begin() -> Bool {
        guarded.withLock { state in
            guard case .queued = state.phase else { return false }
            state.phase = .running
            return true
        }
    }

    /// Writes the end down; nobody is told but workers that wait for it.
    ///
    /// - Parameters:
    ///   - end: The last phase.
    ///   - origin: In which phase it must be.
    ///   - watch: Receives the error and the job, where it fails and nobody has asked for the outcome so far.
    /// - Returns: Whether there are listeners to be told; `nil` where it is in another phase.
    func end(as end: Phase, from origin: Origin, watch: (any Error, (any Cancellable)?) -> Void) -> Bool? {
        // What the job held dies outside of the lock.
        var job: (any Cancellable)?
        var seat: RequestLife.Seat?
        var queues: [JobQueue] = []
        var unasked: (any Error)?
        let hasListeners = guarded.withLock { state -> Bool? in
            guard state.phase.mayEnd(from: origin) else { return nil }
            state.phase = end
            swap(&state.job, &job)
            swap(&state.seat, &seat)
            swap(&state.waitingQueues, &queues)
            if !state.isAskedFor { unasked = end.failure }
            return !state.listeners.isEmpty
        }
        if let unasked { watch(unasked, job) }
        seat?.leave()
        for queue in queues { queue.wakeWaiting() }
        return hasListeners
    }

    /// Has `listener` told of the end.
    ///
    /// - Parameters:
    ///   - asks: Whether it wants to know the outcome, rather than only that there is one.
    ///   - listener: Is told.
    /// - Returns: Its number for ``forget(_:)``; `nil` where it has ended already, and nobody will be told.
    func add(asking asks: Bool, _ listener: Listener) -> Int? {
        let (number, unseen) = guarded.withLock { state -> (Int?, UnseenFailure?) in
            let unseen = asks ? state.ask() : nil
            return (state.phase.isFinished ? nil : state.listeners.add(listener), unseen)
        }
        unseen?.dismiss()
        return number
    }

    /// Somebody wants to know the outcome.
    func ask() {
        guarded.withLock { $0.ask() }?.dismiss()
    }

    /// Asks for the value: `nil` where it has not ended.
    ///
    /// - Throws: The error, where it has failed.
    @usableFromInline
    func askForValue() throws -> Value? {
        let (phase, unseen) = guarded.withLock { ($0.phase, $0.ask()) }
        unseen?.dismiss()
        switch phase {
        case .queued, .running: return nil
        case .succeeded(let value): return value
        case .failed(let error, _): throw error
        }
    }

    /// Has a task go on at the end, or at once where that has been.
    @usableFromInline
    func wake(_ task: SuspendedTask) {
        if add(asking: false, .task(task)) == nil { task.wake() }
    }

    /// Keeps what is to be reported if nobody ever asks.
    func keep(_ unseen: UnseenFailure) {
        // What it takes the place of knew less of the job.
        let other = guarded.withLock { state -> UnseenFailure? in
            guard !state.isAskedFor else { return unseen }
            defer { state.unseen = unseen }
            return state.unseen
        }
        other?.dismiss()
    }

    /// What is to be reported if nobody ever asks, if anything is.
    var unseen: UnseenFailure? { guarded.withLock { $0.unseen } }

    /// Takes a listener back; a number that has been told already is no mistake.
    func forget(_ number: Int) {
        // It dies outside of the lock.
        _ = guarded.withLock { $0.listeners.remove(number) }
    }

    /// Has `queue` told of the end, for a worker of it that waits; `false` where it has ended.
    func announce(to queue: JobQueue) -> Bool {
        guarded.withLock { state in
            if state.phase.isFinished { return false }
            if !state.waitingQueues.contains(where: { $0 === queue }) { state.waitingQueues.append(queue) }
            return true
        }
    }

    /// Tells the listeners one by one, so that none is lost with a thread that one of them ends.
    func tellNext() -> Told {
        let (following, listener) = guarded.withLock { state -> ((any Telling)?, Listener?) in
            guard state.phase.isFinished else { return (nil, nil) }
            if let following = state.following.take() { return (following, nil) }
            return (nil, state.listeners.popFirst())
        }
        if let following { return .next(following) }
        guard let listener else { return .nobodyLeft }
        guard let next = listener.tell() else { return .told }
        guarded.withLock { $0.following = next }
        return .next(next)
    }
}

extension Completion.State {
    /// Notes that somebody asks; returns the report that is no longer due, to be dismissed outside of the lock.
    fileprivate mutating func ask() -> UnseenFailure? {
        isAskedFor = true
        return unseen.take()
    }
}

extension Completion.Phase {
    /// Why it failed; `nil` where it did not, also where it was cancelled, which is no failure.
    fileprivate var failure: (any Error)? {
        if case .failed(let error, isCancelled: false) = self { error } else { nil }
    }

    var isFinished: Bool {
        switch self {
        case .queued, .running: false
        case .succeeded, .failed: true
        }
    }

    fileprivate func mayEnd(from origin: Completion.Origin) -> Bool {
        switch (self, origin) {
        case (.queued, .queued), (.running, .running), (.queued, .either), (.running, .either): true
        default: false
        }
    }
}
