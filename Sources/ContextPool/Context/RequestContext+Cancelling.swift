import Synchronization

extension RequestContext {
    /// Whether this request is no longer of use to anybody: its client has left, or its time is up.
    ///
    /// It is the same for the request and for all jobs of it, and may be asked from any thread; a long job does so from time
    /// to time. After the response was sent normally it stays `false`. A job that was submitted as
    /// ``JobLifetime/detached`` has a life of its own.
    public var isCancelled: Bool { state.withLock { $0.life }?.isCancelled ?? false }

    /// Gives the request up, once: the server does so when the client has left.
    ///
    /// Jobs of the request that wait end with ``ContextPoolError/Code-swift.struct/requestCancelled``, and their places in
    /// the queue are free; of those that run, the tasks of async ones are cancelled; then the callbacks of
    /// ``onCancel(_:)`` run, all on the calling thread. Does nothing after the end of the request.
    public func cancel() { lifeToShare()?.cancel() }

    /// Runs `callback` once if the request is cancelled before this context ends; at once where it has been already.
    ///
    /// For what only knows to stop when told, such as a query under way in another process. It runs on the thread that
    /// cancels, as a rule the event loop, with this context current: it must not block, nor wait for the request. In a
    /// job it is forgotten when the job ends.
    ///
    /// - Parameter callback: What to run.
    /// - Returns: The registration, for code that is done before its context is.
    @discardableResult
    public func onCancel(_ callback: @escaping @Sendable () -> Void) -> CancelRegistration {
        // The life holds the callback and the callback this context, but only until either ends.
        let number = lifeToShare()?.add { ContextScope.request(self).bind(callback) }
        guard let number else { return CancelRegistration(context: nil, number: 0) }
        let isTooLate = state.withLock { state in
            if !state.isTornDown { state.cancelCallbacks.insert(number) }
            return state.isTornDown
        }
        if isTooLate { removeCancelCallback(number) }
        return CancelRegistration(context: self, number: number)
    }

    /// A callback of ``onCancel(_:)``, to be forgotten before its context ends.
    public struct CancelRegistration: Sendable {
        let context: RequestContext?
        let number: Int

        /// Forgets the callback, unless it runs already; it may be running on another thread when this returns.
        public func remove() { context?.removeCancelCallback(number) }
    }

    private func removeCancelCallback(_ number: Int) {
        let life = state.withLock { state in
            state.cancelCallbacks.remove(number)
            return state.life
        }
        life?.removeCallback(number)
    }

    /// What a job of this context gets.
    typealias Captured = (values: ContextValues, hold: ContextHold?, life: RequestLife?, deadline: Duration?)

    /// What a job of this context gets: the values, what is held for it, the life that ends it, and the deadline beside that
    /// of the life; neither of these where there is none, or the job is detached.
    func captureForJob(isDetached: Bool) -> Captured {
        state.withLock { state in
            state.values.makeShared()
            guard !isDetached else { return (state.values.travelling, state.hold, nil, nil) }
            return (state.values.travelling, state.hold, state.shareLife(), isOfJob ? state.deadline : nil)
        }
    }

    /// The life, where somebody has needed it.
    var currentLife: RequestLife? { state.withLock { $0.life } }

    /// The life to go with, or to wait for the end of; `nil` after that.
    func lifeToShare() -> RequestLife? { state.withLock { $0.shareLife() } }
}

extension RequestContext.State {
    /// The life, made when it is first needed, so that a request without jobs has none.
    fileprivate mutating func shareLife() -> RequestLife? {
        if let life { return life }
        guard !isTornDown else { return nil }
        let new = RequestLife(deadline: deadline)
        life = new
        return new
    }
}
