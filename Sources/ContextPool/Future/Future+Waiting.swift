extension Future {
    /// The value of the job, once it is there.
    ///
    /// Awaiting suspends and holds no thread; the task resumes on its own executor, which in a handler is its event
    /// loop. Cancelling the awaiting task does not cancel the job.
    ///
    /// - Throws: What the body threw; `CancellationError` where the job was cancelled before it began;
    ///   ``ContextPoolError`` where the pool could not run it, and with the code `wouldDeadlock` in a job which itself, or another
    ///   that awaits it, is what would be awaited.
    @inlinable public var value: Value {
        get async throws {
            // In one function, and compiled for the type at hand: an async call costs as much as all of the rest, and so do the
            // look-ups of types that code for any type makes. No loop: suspending in one fails the compiler (Swift 6.3).
            if let value = try completion.askForValue() as? KeptValue<Value> { return value.value }
            let job = try comeToWait()
            await SuspendedTask.suspend { completion.wake($0) }
            job?.goesOn()
            guard let value = try completion.askForValue() as? KeptValue<Value> else { throw neverCompleted }
            return value.value
        }
    }

    /// The outcome of the job, once it is there: like ``value``, with the error as a value.
    public var result: Result<Value, any Error> {
        get async {
            do { return .success(try await value) } catch { return .failure(error) }
        }
    }

    /// It takes a future of another type of value for that.
    @usableFromInline var neverCompleted: ContextPoolError { .neverCompleted(within: nil) }

    /// The calling task is about to await this future (law 12).
    ///
    /// - Returns: The job that is to be told when it is there, where the task is that of a job.
    @usableFromInline
    func comeToWait() throws(ContextPoolError) -> AsyncJob? {
        guard let job = RunningJob.current as? AsyncJob, try job.awaits(self) else { return nil }
        return job
    }

    /// What the job has changed in its copy of the values, once it has ended, for `context.merge(_:)`; also where it failed.
    ///
    /// Only for a job that was submitted with `handingBack: true`: no other future keeps anything of its job's context.
    ///
    /// - Throws: What kept the body from running; ``ContextError`` with the code `notHandedBack` where nobody asked.
    public var values: ContextChanges {
        get async throws { try ContextHandBack.changes(in: handBack, after: await result) }
    }

    /// Blocks the calling thread until the value of the job is there.
    ///
    /// For plain threads, and for jobs: a worker that waits for a job of its own pool runs that job itself where it has not
    /// begun, and other jobs where no worker is left for them, so that waiting inside the pool for the pool does not
    /// hang (law 12). On an event loop (``EventLoopThread``) it would stop every connection of that loop: it is refused there.
    ///
    /// - Parameter timeout: How long to wait; without limit where it is `nil`. Zero only looks.
    /// - Returns: The value of the job.
    /// - Throws: What ``value`` throws; ``ContextPoolError`` with the code `timedOut`, after which the job goes on and may be
    ///   waited for again; `wouldDeadlock` where jobs wait for each other in a circle, or too many inside of each
    ///   other; `wouldBlockLoop` on an event loop.
    @available(*, noasync, message: "blocks the thread; use 'try await future.value'")
    public func wait(timeout: Duration? = nil) throws -> Value {
        completion.ask()
        if let outcome { return try outcome.result.get() }
        if let worker = Worker.current {
            try worker.wait(for: self, timeout: timeout)
        } else if let wait = home.queue.clock.wait {
            _ = wait(timeout) { isFinished }
        } else if EventLoopThread.isCurrent {
            throw ContextPoolError.wouldBlockLoop
        } else {
            Doorbell.wait(for: self, timeout: timeout)
        }
        guard let outcome else { throw ContextPoolError.neverCompleted(within: timeout) }
        return try outcome.result.get()
    }
}
