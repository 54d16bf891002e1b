public import ContextPool

/// All that is told of a pool: metrics, a span for each job, and log lines.
///
/// Where the application has bootstrapped neither metrics nor a tracer, only what goes wrong costs anything.
public struct PoolObserver: ContextPoolObserver {
    private let metrics: PoolMetrics
    private let spans: JobSpans
    private let log: JobLog

    /// Joins the three.
    ///
    /// - Parameters:
    ///   - metrics: Counts and times.
    ///   - spans: Makes spans.
    ///   - log: Writes lines.
    public init(metrics: PoolMetrics, spans: JobSpans, log: JobLog) {
        self.metrics = metrics
        self.spans = spans
        self.log = log
    }

    /// Whether the metrics want to know how long jobs take.
    public var measuresJobs: Bool { metrics.measuresJobs }

    /// Counts it.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - error: Why it was refused.
    public func submissionRefused(_ job: JobInfo, _ error: ContextPoolError) { metrics.submissionRefused(job, error) }

    /// Counts it.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - reason: Why it does not run.
    ///   - waited: How long it has waited.
    public func jobNeverRan(_ job: JobInfo, _ reason: any Error, waited: Duration) {
        metrics.jobNeverRan(job, reason, waited: waited)
    }

    /// Times it, and writes its error.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - run: How it ran.
    public func jobRan(_ job: JobInfo, _ run: JobRun) {
        if metrics.measuresJobs { metrics.jobRan(job, run) }
        if run.error != nil { log.jobRan(job, run) }
    }

    /// Charges it to its route.
    ///
    /// - Parameters:
    ///   - visit: The handler's time on the workers.
    ///   - run: How it ran.
    public func visitEnded(_ visit: JobInfo, _ run: JobRun) {
        if metrics.measuresJobs { metrics.visitEnded(visit, run) }
    }

    /// Counts it, and writes a line, when nobody has seen it.
    ///
    /// - Parameters:
    ///   - job: The job, or step.
    ///   - error: Why it failed.
    /// - Returns: What does so.
    public func ifUnseen(_ job: JobInfo?, _ error: any Error) -> (@Sendable () -> Void)? {
        let (count, write) = (metrics.ifUnseen(job, error), log.ifUnseen(job, error))
        guard count != nil || write != nil else { return nil }
        return {
            count?()
            write?()
        }
    }

    /// Counts it, and writes a line.
    ///
    /// - Parameters:
    ///   - job: The job, where it is known.
    ///   - error: What the callback threw.
    public func callbackFailed(_ job: JobInfo?, _ error: any Error) {
        metrics.callbackFailed(job, error)
        log.callbackFailed(job, error)
    }

    /// Counts it, and writes a line.
    ///
    /// - Parameters:
    ///   - job: The job that has left something behind.
    ///   - name: What it has left.
    public func contextLeaked(_ job: JobInfo?, _ name: String) {
        metrics.contextLeaked(job, name)
        log.contextLeaked(job, name)
    }

    /// Runs the body inside of a span.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - body: Its body.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    public func around<Value>(_ job: JobInfo, _ body: () throws -> Value) throws -> Value {
        try spans.around(job, body)
    }

    /// Runs the body inside of a span.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - body: Its body.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    public func around<Value: Sendable>(_ job: JobInfo, _ body: () async throws -> Value) async throws -> Value {
        try await spans.around(job, body)
    }
}
