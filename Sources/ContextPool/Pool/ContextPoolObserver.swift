/// Is told what happens in a pool: how metrics, traces and logs are made of it, which this module knows nothing about.
///
/// Every method has a default that does nothing, so that an observer implements what it is for. They are called on the
/// thread on which it happens, never under a lock, and must be quick; they must not wait for a job. A pool without an observer
/// reads no clocks.
///
/// A step of a future is a job, too, from the moment on at which it can run; one that an error or a value passes by never is.
public protocol ContextPoolObserver: Sendable {
    /// Whether the times of jobs are wanted. `true` unless declared otherwise; asked once, when the pool is made.
    ///
    /// Where it is `false` the pool reads no clocks for its observer, and all times are zero: the processor time alone costs
    /// four system calls a job.
    var measuresJobs: Bool { get }

    /// A job was taken in, and waits.
    func jobSubmitted(_ job: JobInfo)

    /// A submission was refused; `submit` throws `error`, or `run` does.
    func submissionRefused(_ job: JobInfo, _ error: ContextPoolError)

    /// A job will never run: it was cancelled, dropped or stopped while it waited.
    func jobNeverRan(_ job: JobInfo, _ reason: any Error, waited: Duration)

    /// A job has run; its future completes next.
    func jobRan(_ job: JobInfo, _ run: JobRun)

    /// A task that had come by ``ContextPool/run(file:line:_:)`` goes back: it is no job, but has used the workers.
    ///
    /// Also where it cannot go back, because its thread has ended underneath it.
    ///
    /// - Parameters:
    ///   - visit: The visit, as if it were a job.
    ///   - run: How it ran.
    func visitEnded(_ visit: JobInfo, _ run: JobRun)

    /// A job, or a step that follows one, has failed, and nobody has asked for the outcome of its future so far.
    ///
    /// Also where it never ran, unless that was wanted: a future that was cancelled has not failed.
    ///
    /// - Parameters:
    ///   - job: The job; `nil` for a future that was made of several. Keep what is to be told of it, and not the values of its
    ///     request, which would then live as long as the future.
    ///   - error: Why it failed.
    /// - Returns: What to call when the future is let go and nobody has asked in the end, on whichever thread that happens and
    ///   without a context; `nil` where this failure may be forgotten.
    func ifUnseen(_ job: JobInfo?, _ error: any Error) -> (@Sendable () -> Void)?

    /// A callback of ``Future/whenComplete(file:line:_:)`` threw; the others run all the same.
    ///
    /// - Parameters:
    ///   - job: The callback, as if it were a job: where it was added, and the values of the request there.
    ///   - error: What it threw.
    func callbackFailed(_ job: JobInfo?, _ error: any Error)

    /// A job has left something behind on its worker, which the next job would have seen: `name` says what.
    func contextLeaked(_ job: JobInfo?, _ name: String)

    /// Runs the body of a job, inside of its context: for a span around it. It must call `body` once.
    func around<Value>(_ job: JobInfo, _ body: () throws -> Value) throws -> Value

    /// Runs the body of an async job, inside of its context: for a span around it. It must call `body` once.
    func around<Value: Sendable>(_ job: JobInfo, _ body: () async throws -> Value) async throws -> Value
}

/// How a job ran.
public struct JobRun: Sendable {
    /// From `submit` until a worker took it; for a step, since its source was complete.
    public let waited: Duration

    /// From then until its body ended, the time that an async one was suspended included.
    public let took: Duration

    /// The processor time that it took on the workers.
    public let processorTime: Duration

    /// What the body threw; `nil` where it returned.
    public let error: (any Error)?
}

extension ContextPoolObserver {
    /// Times are wanted.
    public var measuresJobs: Bool { true }
    /// Does nothing.
    public func jobSubmitted(_ job: JobInfo) {}
    /// Does nothing.
    public func submissionRefused(_ job: JobInfo, _ error: ContextPoolError) {}
    /// Does nothing.
    public func jobNeverRan(_ job: JobInfo, _ reason: any Error, waited: Duration) {}
    /// Does nothing.
    public func jobRan(_ job: JobInfo, _ run: JobRun) {}
    /// Does nothing.
    public func visitEnded(_ visit: JobInfo, _ run: JobRun) {}
    /// Forgets the failure.
    public func ifUnseen(_ job: JobInfo?, _ error: any Error) -> (@Sendable () -> Void)? { nil }
    /// Does nothing.
    public func callbackFailed(_ job: JobInfo?, _ error: any Error) {}
    /// Does nothing.
    public func contextLeaked(_ job: JobInfo?, _ name: String) {}
    /// Runs the body as it is.
    public func around<Value>(_ job: JobInfo, _ body: () throws -> Value) throws -> Value { try body() }
    /// Runs the body as it is.
    public func around<Value: Sendable>(_ job: JobInfo, _ body: () async throws -> Value) async throws -> Value {
        try await body()
    }
}
