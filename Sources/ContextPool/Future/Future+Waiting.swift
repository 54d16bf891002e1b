extension Future {
    /// The value of the job, once it is there.
    ///
    /// Awaiting suspends and holds no thread; the task resumes on its own executor, which in a handler is its event
    /// loop. Cancelling the awaiting task does not cancel the job.
    ///
    /// - Throws: What the body threw; `CancellationError` where the job was cancelled before it began;
    ///   ``ContextPoolError`` where the pool could not run it.
    public var value: Value {
        get async throws { try await result.get() }
    }

    /// The outcome of the job, once it is there: like ``value``, with the error as a value.
    public var result: Result<Value, any Error> {
        get async {
            await withCheckedContinuation { continuation in
                observe { continuation.resume(returning: $0) }
            }
        }
    }

    /// Blocks the calling thread until the value of the job is there.
    ///
    /// For plain threads only. On an event loop it would stop every connection of that loop, and in a pool of which
    /// every worker waits like this nobody is left to do the work: use ``value`` there.
    ///
    /// - Parameter timeout: How long to wait; without limit where it is `nil`. Zero only looks.
    /// - Returns: The value of the job.
    /// - Throws: What ``value`` throws, or ``ContextPoolError/Code-swift.struct/timedOut``; the job goes on then, and
    ///   may be waited for again.
    @available(*, noasync, message: "blocks the thread; use 'try await future.value'")
    public func wait(timeout: Duration? = nil) throws -> Value {
        guard let result = board.wait(timeout: timeout, for: { $0 }) else {
            throw ContextPoolError.timedOut(after: timeout ?? .zero)
        }
        return try result.get()
    }
}
