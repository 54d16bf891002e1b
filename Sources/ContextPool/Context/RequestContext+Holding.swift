import Synchronization

extension RequestContext {
    /// Runs `cleanup` once when the last holder of this context has let go: the request itself and every job that captured
    /// its context from here on, jobs of jobs included.
    ///
    /// For what a job may still need after the response, such as an uploaded file: ``onTeardown(_:)`` would take it away
    /// underneath the job. A job lets go when it has ended, was refused or cancelled; a request at its teardown, even
    /// where somebody keeps this object. Jobs that were submitted before this call know nothing of the resource, and are
    /// not waited for; nor are those that do not see the request (``ContextSelection/appOnly``).
    ///
    /// ```swift
    /// let file = try TemporaryFile(holding: request.body)
    /// context.afterLastHolder { file.delete() }
    /// try context.pool.submit { try index(file) }
    /// ```
    ///
    /// Cleanups run in the reverse order of their registration, without any context, on whichever thread was last: a
    /// worker, or the event loop, so they must not block for long. One that is added after the end of this context runs at
    /// once, on the calling thread.
    ///
    /// - Parameter cleanup: What to run. It must not refer to this context, which would keep itself alive.
    public func afterLastHolder(_ cleanup: @escaping @Sendable () -> Void) {
        let isTooLate = state.withLock { state in
            guard !state.isTornDown else { return true }
            let hold = state.hold ?? ContextHold()
            state.hold = hold
            hold.add(cleanup)
            return false
        }
        if isTooLate { ContextScope.none.bind(cleanup) }
    }
}
