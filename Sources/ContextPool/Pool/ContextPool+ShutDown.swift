extension ContextPool {
    /// What becomes of the jobs that wait when a pool shuts down.
    public enum ShutDownMode: Sendable {
        /// They run, and then the threads end.
        case finishPending
        /// They never run: their futures throw ``ContextPoolError`` with the code `shutDown`. Running jobs finish.
        case cancelPending
    }

    /// Refuses new jobs from now on, and returns when the others have finished.
    ///
    /// It may be called again, also at the same time, and with `cancelPending` after `finishPending`. Called from an async
    /// job of this pool, or inside ``run(_:)``, it does not wait, since that would be waiting for itself.
    ///
    /// - Parameters:
    ///   - mode: What becomes of the jobs that wait.
    ///   - limit: How long to wait for them; without limit where it is `nil`. Jobs still running then go on.
    /// - Returns: How many jobs had not finished when `limit` had passed, the calling one included; 0 when all had.
    @discardableResult
    public func shutDown(_ mode: ShutDownMode = .finishPending, within limit: Duration? = nil) async -> Int {
        queue.close(cancelsWaiting: mode == .cancelPending)
        if let caller = RunningJob.current, caller.queue === queue, !caller.isFinished { return queue.unfinished }
        return await queue.waitUntilClosed(timeout: limit)
    }
}
