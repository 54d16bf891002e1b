import Synchronization

/// A job that was submitted by name, as it is found again by its id: who owns it, where it is, and how it ended.
///
/// It may be used from any thread. It is there from `submit` until the time has passed for which the job is kept after its
/// end; whoever holds it then may go on reading. Of the job itself it keeps the result alone: neither the body nor the
/// context.
public final class KeptJob: Sendable, Identifiable {
    private struct State {
        var status = JobStatus(state: .queued, progress: .none, result: nil, version: 0)
        /// The future of the job, from its submission to its end.
        var future: (any KeptFuture)?
        var wasCancelled = false
        /// Shared with the future: reported when neither is kept any more, and nobody has seen how the job ended.
        var unseen: UnseenFailure?
        var followers: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextFollower = 0
    }

    /// The name by which it is found.
    public let id: JobID

    /// The name that `submit` gave it.
    public let name: String

    /// Whose it is, as `submit` was told; `nil` where nobody said.
    public let owner: String?

    /// Where it was submitted.
    public let site: SourceSite

    /// For how long it is kept after its end.
    let time: Duration
    private weak let home: KeptJobs?
    private let state = Mutex(State())

    init(name: String, owner: String?, site: SourceSite, keptFor time: Duration, in home: KeptJobs) {
        id = JobID()
        self.name = name
        self.owner = owner
        self.site = site
        self.time = time.clampedToAges
        self.home = home
    }

    /// Where it is now.
    public var status: JobStatus {
        let future = state.withLock { $0.future }
        // Who has seen the future complete must not find the job running, though it is told a moment later.
        if let future, future.isFinished { future.tell(self) }
        let (status, unseen) = state.withLock { ($0.status, $0.unseen) }
        unseen?.dismiss()
        return status
    }

    /// Cancels the job, as ``Future/cancel()`` does.
    ///
    /// - Returns: Whether the body never has run and never will.
    @discardableResult
    public func cancel() -> Bool {
        let future = state.withLock { state in
            state.wasCancelled = true
            return state.future
        }
        return future?.cancel() ?? state.withLock { $0.status.state == .cancelled }
    }

    /// Says how far the job is, for code that works for it elsewhere: the jobs that it has submitted itself.
    ///
    /// In its own body ``CurrentJob/report(_:_:)`` does the same. After its end nothing changes any more.
    ///
    /// - Parameters:
    ///   - fraction: How much is done. Less than 0 counts as 0, more than 1 as 1, and what is no number is left out.
    ///   - message: What it is at; what it said last stays where it is `nil`.
    public func report(_ fraction: Double, _ message: String? = nil) {
        change { status in
            if !fraction.isNaN { status.progress.fraction = min(max(fraction, 0), 1) }
            if let message { status.progress.message = message }
        }
    }
}

extension KeptJob {
    /// Connects the job with its future, which may be complete already.
    func follow<Value>(_ future: Future<Value>) {
        let wasCancelled = state.withLock { state in
            state.future = future
            return state.wasCancelled
        }
        if wasCancelled { future.cancel() }
        future.tell(self)
    }

    /// The body begins.
    func begin() { change { $0.state = .running } }

    /// The future is complete; told twice it is no mistake.
    func end(_ result: Result<any Sendable, any Error>, isCancelled: Bool, unseen: UnseenFailure? = nil) {
        // It dies outside of the lock.
        var future: (any KeptFuture)?
        change { status in
            switch result {
            case .success:
                status.state = .succeeded
                status.progress.fraction = 1
            case .failure: status.state = isCancelled ? .cancelled : .failed
            }
            status.result = result
        } first: {
            future = state.withLock { state in
                state.unseen = unseen
                return state.future.take()
            }
            home?.ended(self)
        }
        withExtendedLifetime(future) {}
    }

    /// Suspends until the status is another one than that with this number, or the task is cancelled.
    func change(after version: Int) async {
        let number = state.withLock { state in
            state.nextFollower += 1
            return state.nextFollower
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    // A task that is cancelled earlier has found no follower to wake.
                    guard state.status.version == version, !Task.isCancelled else { return false }
                    state.followers[number] = continuation
                    return true
                }
                if !isWaiting { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.followers.removeValue(forKey: number) }?.resume()
        }
    }

    /// How many wait for a change.
    var followerCount: Int { state.withLock { $0.followers.count } }

    /// Changes the status, unless it is final, and wakes the followers where it is another one now.
    private func change(_ body: (inout JobStatus) -> Void, first: () -> Void = {}) {
        let followers = state.withLock { state -> [Int: CheckedContinuation<Void, Never>]? in
            guard !state.status.isFinal else { return nil }
            var status = state.status
            body(&status)
            let isNew =
                status.state != state.status.state || status.progress != state.status.progress || status.isFinal
            guard isNew else { return [:] }
            status.version += 1
            state.status = status
            defer { state.followers = [:] }
            return state.followers
        }
        guard let followers else { return }
        first()
        for follower in followers.values { follower.resume() }
    }
}

/// What a kept job needs of its future, whatever that is of.
protocol KeptFuture: Sendable {
    var isFinished: Bool { get }
    func cancel() -> Bool
    /// Tells the job of the outcome, now or when it is there.
    func tell(_ job: KeptJob)
}

extension Future: KeptFuture {
    func tell(_ job: KeptJob) {
        // To keep how it ended is not to have seen it.
        follow(asking: false) { [unowned self] outcome in
            job.end(outcome.result.map { $0 }, isCancelled: outcome.isCancelled, unseen: completion.unseen)
            return nil
        }
    }
}
