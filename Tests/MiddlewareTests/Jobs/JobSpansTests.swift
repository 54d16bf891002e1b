import ContextPool
import EventServer
import InMemoryTracing
import TestSupport
import Testing
import Tracing

@testable import Middleware

@Suite("The spans of jobs", .timeLimit(.minutes(1)))
struct JobSpansTests {
    private struct Broken: Error {}

    private let tracer = InMemoryTracer()

    private func span(named name: String) throws -> FinishedInMemorySpan {
        try #require(tracer.finishedSpans.first { $0.operationName == name })
    }

    /// Submits on one of both lanes.
    private func submit(
        _ isAsync: Bool,
        to pool: ContextPool,
        named name: String,
        _ body: @escaping @Sendable () throws -> Void = {}
    ) throws -> Future<Void> {
        guard isAsync else { return try pool.submit(named: name, body) }
        return try pool.submit(named: name) { () async throws -> Void in
            await Task.yield()
            try body()
        }
    }

    @Test("are children of the span in which they were submitted, and jobs of jobs theirs", arguments: [false, true])
    func children(isAsync: Bool) async throws {
        let exchange = try TestExchange(workers: 2, observer: JobSpans(tracer))
        let tracer = tracer
        await exchange.send(try .test()) { _, context in
            try await tracer.withSpan("request") { _ in
                try await submit(isAsync, to: context.pool, named: "outer") {
                    _ = try submit(isAsync, to: context.pool, named: "inner")
                }
                .value
            }
            return .text("ok")
        }
        await exchange.app.pool.shutDown()
        let (request, outer, inner) = try (span(named: "request"), span(named: "outer"), span(named: "inner"))
        #expect(outer.parentSpanID == request.spanID)
        #expect(inner.parentSpanID == outer.spanID)
        #expect(Set([request, outer, inner].map(\.traceID)).count == 1)
        #expect(outer.attributes["baton.pool"]?.toSpanAttribute() == "pool")
        #expect(outer.attributes["code.file.path"]?.toSpanAttribute() == "MiddlewareTests/JobSpansTests.swift")
        #expect(outer.errors.isEmpty && outer.status == nil)
        #expect(tracer.activeSpans.isEmpty)
    }

    @Test("have the error of their job, and are no error where that was cancelled", arguments: [false, true])
    func errors(isAsync: Bool) async throws {
        let pool = try ContextPool(workers: 1, observer: JobSpans(tracer))
        _ = await (try submit(isAsync, to: pool, named: "broken") { throw Broken() }).result
        _ = await (try submit(isAsync, to: pool, named: "cancelled") { throw CancellationError() }).result
        let (broken, cancelled) = try (span(named: "broken"), span(named: "cancelled"))
        #expect(broken.errors.first?.error is Broken)
        #expect(broken.status?.code == .error)
        #expect(cancelled.errors.first?.error is CancellationError)
        #expect(cancelled.status == nil)
    }

    @Test("begin a trace where there is none, and end with it: the next job of the worker has another")
    func roots() async throws {
        let pool = try ContextPool(workers: 1, propagators: [.trace], observer: JobSpans(tracer))
        try await pool.submit {}.value
        try await pool.submit {}.value
        let spans = tracer.finishedSpans
        #expect(spans.map(\.operationName) == ["job", "job"])
        #expect(spans.allSatisfy { $0.parentSpanID == nil })
        #expect(Set(spans.map(\.traceID)).count == 2)
    }

    @Test("are not there without a tracer, and nor is a trace context")
    func noTracer() async throws {
        let pool = try ContextPool(workers: 1, propagators: [.trace], observer: JobSpans(NoOpTracer()))
        #expect(try await pool.submit { ServiceContext.current == nil }.value)
        #expect(try await pool.submit { () async throws -> Bool in ServiceContext.current == nil }.value)
    }

    @Test("are of the tracer that is current where they are made")
    func currentTracer() async throws {
        let spans = withTracer(tracer) { JobSpans() }
        let pool = try ContextPool(workers: 1, observer: spans)
        try await pool.submit(named: "seen") {}.value
        #expect(try span(named: "seen").parentSpanID == nil)
    }
}
