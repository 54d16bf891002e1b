public import ContextPool
public import Logging

/// Writes to the log what goes wrong in a pool.
///
/// | line | level | when |
/// |---|---|---|
/// | `a job failed, and nobody asked for its outcome` | error | its future is let go, and nothing else has told anybody |
/// | `a job was lost before it ran` | warning | the same, of a job that was pushed out of a full queue, for example |
/// | `a job failed` | debug | each time that a body throws |
/// | `a callback of a future failed` | error | what it threw has no other place to go |
/// | `a job has left something behind on its worker` | error | the next job might have seen it |
///
/// A line names the job, the line of source where it was submitted, and the request, by its id and its route. That a job was
/// cancelled is no failure; what a shutdown leaves undone, it tells itself.
public struct JobLog: ContextPoolObserver {
    private let logger: Logger

    /// Writes to a logger.
    ///
    /// - Parameter logger: The logger, as a rule the application's.
    public init(_ logger: Logger) { self.logger = logger }

    /// Nothing is timed here.
    public var measuresJobs: Bool { false }

    /// Writes of each body that throws, at debug.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - run: How it ran.
    public func jobRan(_ job: JobInfo, _ run: JobRun) {
        guard let error = run.error, !(error is CancellationError) else { return }
        logger.debug("a job failed", metadata: Self.metadata(job, error))
    }

    /// Keeps a line for a failure that nobody has asked for yet.
    ///
    /// - Parameters:
    ///   - job: The job, or step.
    ///   - error: Why it failed.
    /// - Returns: What writes the line.
    public func ifUnseen(_ job: JobInfo?, _ error: any Error) -> (@Sendable () -> Void)? {
        let code = (error as? ContextPoolError)?.code
        guard !(error is CancellationError), code != .shutDown else { return nil }
        let metadata = Self.metadata(job, error)
        if code == .dropped || code == .deadlinePassed || code == .requestCancelled {
            return { [logger] in logger.warning("a job was lost before it ran", metadata: metadata) }
        }
        return { [logger] in logger.error("a job failed, and nobody asked for its outcome", metadata: metadata) }
    }

    /// Writes what a callback threw.
    ///
    /// - Parameters:
    ///   - job: The job, where it is known.
    ///   - error: What the callback threw.
    public func callbackFailed(_ job: JobInfo?, _ error: any Error) {
        logger.error("a callback of a future failed", metadata: Self.metadata(job, error))
    }

    /// Writes what was left behind.
    ///
    /// - Parameters:
    ///   - job: The job that has left it.
    ///   - name: What it has left.
    public func contextLeaked(_ job: JobInfo?, _ name: String) {
        var metadata = Self.metadata(job, nil)
        metadata["left"] = "\(name)"
        logger.error("a job has left something behind on its worker", metadata: metadata)
    }

    private static func metadata(_ job: JobInfo?, _ error: (any Error)?) -> Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        if let error { metadata["error"] = "\(error)" }
        guard let job else { return metadata }
        if let name = job.name { metadata["job"] = "\(name)" }
        metadata["submitted-at"] = "\(job.site)"
        if let id = job.values.requestID { metadata["request-id"] = "\(id)" }
        if let route = job.values.route { metadata["route"] = "\(route)" }
        return metadata
    }
}
