/// The side of a future that its job sees, whatever the type of its value.
protocol Promise: Telling {
    /// Whether it is complete.
    var isFinished: Bool { get }
    /// Why it failed; `nil` where it did not, or is not complete.
    var error: (any Error)? { get }
    /// The job that completes it, until it has.
    var job: (any Cancellable)? { get }
    /// Where what follows it runs.
    var home: FutureHome { get }
    /// What its job was submitted as.
    var lifetime: JobLifetime { get }
    /// Where the changes of the job wait for whoever has asked for them.
    var handBack: ContextHandBack? { get }
    /// Connects it to its job, and the job to the life of its request, until it is complete.
    func attach(_ job: some Cancellable, seat: RequestLife.Seat?)
    /// Claims the job for running; `false` where it was ended while it waited, so that it must not run.
    func begin() -> Bool
    /// Completes it for a job that has begun; `false` where it has not, or has ended.
    @discardableResult func complete(with result: Result<Completion.Value, any Error>) -> Bool
    /// Completes it for a job that will not run; `false` where it has begun or ended.
    ///
    /// The job leaves the queue before anybody is told, so that whoever hears of it finds its place free.
    @discardableResult func finishUnstarted(with error: any Error, isCancelled: Bool, leavingQueue: () -> Void) -> Bool
    /// Completes it where it has no job of its own, in whichever state it is, and leaves the telling to the caller.
    ///
    /// - Returns: Whose followers are to be told; `nil` where it was complete already.
    func settle(as end: Completion.Phase) -> (any Telling)?
    /// Cancels its job.
    @discardableResult func cancel() -> Bool
    /// Has `follower` run with the end as it is: without a context, on the completing thread or here and now.
    ///
    /// - Parameter follower: Receives the last phase, and returns the future that it completed, if any.
    /// - Returns: Its number for ``forget(_:)``; `nil` where it has run.
    func followEnd(_ follower: @escaping @Sendable (Completion.Phase) -> (any Telling)?) -> Int?
    /// Has `listener` told of the end, which is not to ask how it ended.
    ///
    /// - Returns: Its number for ``forget(_:)``; `nil` where it is complete already, and nobody will be told.
    func whenEnded(_ listener: @escaping @Sendable () -> Void) -> Int?
    /// Takes a listener back; a number that has been told already is no mistake.
    func forget(_ number: Int)
    /// Has `queue` told of the end, for a worker of it that waits; `false` where it is complete.
    func announce(to queue: JobQueue) -> Bool
}

extension Promise {
    /// Completes it for a job whose thread has died, or tells those whom the thread did not come to tell.
    ///
    /// - Returns: Whether it was not complete.
    @discardableResult
    func abandon(_ error: any Error) -> Bool {
        let isFirst = complete(with: .failure(error))
        if !isFirst { tellAll() }
        return isFirst
    }
}

extension Future: Promise {
    var job: (any Cancellable)? { completion.job }

    var error: (any Error)? {
        if case .failed(let error, _) = completion.phase { error } else { nil }
    }

    func attach(_ job: some Cancellable, seat: RequestLife.Seat?) {
        if let error = completion.attach(job, seat: seat) { watch(error, of: job) }
    }

    /// Writes the end down, as ``Completion`` does.
    func end(as end: Completion.Phase, from origin: Completion.Origin) -> Bool? {
        completion.end(as: end, from: origin, watch: watch)
    }

    /// Nobody has asked for this failure: it is to be reported if nobody does.
    private func watch(_ error: any Error, of job: (any Cancellable)?) {
        guard let report = home.onUnaskedFailure?((job as? any Job)?.info, error) else { return }
        completion.keep(UnseenFailure(report))
    }

    func begin() -> Bool { completion.begin() }

    @discardableResult
    func complete(with result: Result<Completion.Value, any Error>) -> Bool {
        let end: Completion.Phase =
            switch result {
            case .success(let value): .succeeded(value)
            case .failure(let error): .failed(error, isCancelled: false)
            }
        guard let hasListeners = self.end(as: end, from: .running) else { return false }
        if hasListeners { tellAll() }
        return true
    }

    @discardableResult
    func finishUnstarted(
        with error: any Error,
        isCancelled: Bool = false,
        leavingQueue: () -> Void = {}
    ) -> Bool {
        guard let hasListeners = end(as: .failed(error, isCancelled: isCancelled), from: .queued) else {
            return false
        }
        leavingQueue()
        if hasListeners { tellAll() }
        return true
    }

    func settle(as end: Completion.Phase) -> (any Telling)? { self.end(as: end, from: .either) == nil ? nil : self }

    func followEnd(_ follower: @escaping @Sendable (Completion.Phase) -> (any Telling)?) -> Int? {
        // Not to keep itself, if it never completes. It is there when it tells.
        let number = completion.add(asking: true, .closure { [unowned self] in follower(completion.phase) })
        if number == nil { follower(completion.phase)?.tellAll() }
        return number
    }

    func whenEnded(_ listener: @escaping @Sendable () -> Void) -> Int? {
        completion.add(
            asking: false,
            .closure {
                listener()
                return nil
            }
        )
    }

    func forget(_ number: Int) { completion.forget(number) }

    func announce(to queue: JobQueue) -> Bool { completion.announce(to: queue) }
}
