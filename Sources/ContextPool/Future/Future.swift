/// The outcome of a job, now or later.
///
/// Every future completes, exactly once: with the value its body returned, with the error it threw, or with the reason
/// why it will not run. When it completes, the context that its job ran in has already been cleared from the worker.
/// It may be used from any thread, and keeps neither the body nor the context of its job once that has ended.
///
/// What shall happen next is a callback (``whenComplete(file:line:_:)``) or a step (``map(file:line:_:)``, ``flatMap(file:line:_:)``,
/// ``recover(file:line:_:)``); several futures become one with ``all(_:cancellingOthers:file:line:)``,
/// ``first(of:cancellingOthers:file:line:)`` and ``race(of:cancellingOthers:file:line:)``.
public final class Future<Value: Sendable>: Sendable {
    @usableFromInline let completion: Completion
    @usableFromInline let home: FutureHome
    /// What the job was submitted as; the steps that follow it go by the same.
    @usableFromInline let lifetime: JobLifetime

    /// Where the changes of the job wait for whoever has asked for them.
    @usableFromInline let handBack: ContextHandBack?

    // Inlinable, as is whatever else every job does with the type of its value: compiled for one type it looks nothing up.
    @inlinable
    init(home: FutureHome, lifetime: JobLifetime, handBack: ContextHandBack?) {
        completion = Completion()
        self.home = home
        self.lifetime = lifetime
        self.handBack = handBack
    }

    /// Where the job is on its way from the queue to its end.
    public var state: FutureState {
        switch completion.phase {
        case .queued: .queued
        case .running: .running
        case .succeeded: .succeeded
        case .failed(_, let isCancelled): isCancelled ? .cancelled : .failed
        }
    }

    /// Whether the job has ended, in whichever way.
    public var isFinished: Bool { completion.phase.isFinished }

    /// Whether the job was cancelled before its body began, by ``cancel()`` or with its request.
    public var isCancelled: Bool { state == .cancelled }

    /// Cancels the job.
    ///
    /// A job that still waits in the queue ends now, with a `CancellationError`: its body never runs. A running one is
    /// not interrupted; the task of an async body is flagged, so that it may notice with `Task.isCancelled`.
    ///
    /// - Returns: Whether the body never has run and never will. `false` for a running or finished job is not an error.
    @discardableResult
    public func cancel() -> Bool {
        let job = completion.job
        if finishUnstarted(with: CancellationError(), isCancelled: true, leavingQueue: { job?.leaveQueue() }) {
            job?.ended()
            return true
        }
        job?.flag()
        return isCancelled
    }
}

/// What a future needs of its job to cancel it.
protocol Cancellable: AnyObject, Sendable {
    /// The job will not run: give its place in the queue back.
    func leaveQueue()
    /// The job has left the queue, and whoever waited for it has been told.
    func ended()
    /// The job is running: tell it that its result is no longer wanted.
    func flag()
    /// What it waits for before it can begin or end, where that are other futures.
    var sources: Sources { get }
}

/// The futures that something waits for.
struct Sources {
    var futures: [any Promise] = []
    /// Whether it goes on when one of them is complete, or needs all; then those of which it has heard are left out.
    var isOneEnough = false
}

extension Cancellable {
    var sources: Sources { Sources() }
}

extension Future {
    /// How the future ended, and whether that was before the body began.
    typealias Outcome = (result: Result<Value, any Error>, isCancelled: Bool)

    /// What hears of the outcome, once, and returns the future that it completed, if any.
    typealias Follower = @Sendable (Outcome) -> (any Telling)?

    convenience init(home: FutureHome = .none, lifetime: JobLifetime = .withRequest) {
        self.init(home: home, lifetime: lifetime, handBack: nil)
    }

    /// How it has ended, if it has.
    var outcome: Outcome? {
        switch completion.phase {
        case .queued, .running: nil
        case .failed(let error, let isCancelled): (.failure(error), isCancelled)
        case .succeeded(let value): (value as? KeptValue<Value>).map { (.success($0.value), false) }
        }
    }

    /// Completes the future of a job that has begun; `false` where it has not, or has ended.
    @discardableResult
    func finish(_ result: Result<Value, any Error>) -> Bool {
        complete(with: result.map { Self.keep($0) })
    }

    /// Completes a future that has no job of its own, in whichever state it is, and leaves the telling to the caller.
    ///
    /// - Returns: Whose followers are to be told; `nil` where it was complete already.
    func settle(_ result: Result<Value, any Error>, isCancelled: Bool = false) -> (any Telling)? {
        switch result {
        case .success(let value): settle(as: .succeeded(Self.keep(value)))
        case .failure(let error): settle(as: .failed(error, isCancelled: isCancelled))
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
        // Not to keep itself, if it never completes. It is there when it tells.
        let number = completion.add(asking: asks, .closure { [unowned self] in outcome.flatMap(follower) })
        if number == nil, let outcome { follower(outcome)?.tellAll() }
        return number
    }

    /// Calls `callback` with the outcome as it is: no context, on the completing thread or here and now.
    func observe(_ callback: @escaping @Sendable (Result<Value, any Error>) -> Void) {
        follow { outcome in
            callback(outcome.result)
            return nil
        }
    }

    /// How many followers wait for the outcome.
    var observerCount: Int { completion.listenerCount }
}

extension Future: Telling {
    func tellNext() -> Told { completion.tellNext() }
}
