public import ContextPool
public import Tracing

/// Makes each job a span, with swift-distributed-tracing: a child of the span in which it was submitted.
///
/// That span is found through the trace context, which plain closures carry by ``ContextPool/ContextPropagator/trace``. A span
/// begins when a worker has taken the job, is named after it, says where it was submitted, and has the error that its body
/// throws. Without a tracer nothing is done at all.
public struct JobSpans: ContextPoolObserver {
    /// `nil` where there is none, or one that does nothing.
    private let tracer: (any Tracer)?

    /// Spans of the tracer that is current here, as a rule the one that the application has bootstrapped before.
    public init() { self.init(InstrumentationSystem.tracer) }

    /// Spans of this tracer.
    ///
    /// - Parameter tracer: The tracer.
    public init(_ tracer: any Tracer) { self.tracer = tracer is NoOpTracer ? nil : tracer }

    /// Spans have their own clock.
    public var measuresJobs: Bool { false }

    /// Runs the body of a job inside of a span.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - body: Its body.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    public func around<Value>(_ job: JobInfo, _ body: () throws -> Value) throws -> Value {
        guard let span = startSpan(job) else { return try body() }
        defer { span.end() }
        do {
            return try ServiceContext.$current.withValue(span.context, operation: body)
        } catch {
            record(error, on: span)
            throw error
        }
    }

    /// Runs the body of an async job inside of a span.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - body: Its body.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    public func around<Value: Sendable>(_ job: JobInfo, _ body: () async throws -> Value) async throws -> Value {
        guard let span = startSpan(job) else { return try await body() }
        defer { span.end() }
        do {
            return try await ServiceContext.$current.withValue(span.context, operation: body)
        } catch {
            record(error, on: span)
            throw error
        }
    }

    private func startSpan(_ job: JobInfo) -> (any Span)? {
        guard let tracer else { return nil }
        let span = tracer.startAnySpan(
            job.name ?? "job",
            context: ServiceContext.current ?? .topLevel,
            ofKind: .internal,
            function: "submit",
            file: job.site.file,
            line: UInt(clamping: job.site.line)
        )
        span.updateAttributes { attributes in
            attributes["baton.pool"] = job.pool
            attributes["code.file.path"] = job.site.file
            attributes["code.line.number"] = job.site.line
        }
        return span
    }

    private func record(_ error: any Error, on span: any Span) {
        span.recordError(error)
        // Nobody wanted the result any more, which is no fault.
        if !(error is CancellationError) { span.setStatus(SpanStatus(code: .error)) }
    }
}
