import ContextPool
import EventServer
import HTTPTypes
import InMemoryTracing
import Logging
import Middleware
import TestSupport
import Testing
import Tracing

@Suite struct TracingMiddlewareTests {
    private struct Mistake: Error {}

    private static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private let exchange: TestExchange
    private let tracing: TracingMiddleware

    init() throws {
        exchange = try TestExchange()
        tracing = try TracingMiddleware(options: options("{exclude: [/health]}"))
    }

    @Test func `without a tracer the trace is passed on, in log lines and jobs, too`() async throws {
        let request = try Request.test("/", fields: ["traceparent: \(Self.parent)"])
        let response = await exchange.send(request, through: [tracing]) { _, context in
            context.logger.info("inside")
            let inJob = try await context.pool.submit { RequestContext.current?.g.traceContext?.traceID }.value
            return .text("\(ServiceContext.current?.traceContext?.traceparent ?? "none") \(inJob ?? "none")")
        }
        #expect(response.text == "\(Self.parent) 4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(exchange.logs.lines.first?.metadata["trace-id"] == "4bf92f3577b34da6a3ce929d0e0e4736")
    }

    @Test(arguments: [[], ["traceparent: x"], ["traceparent: \(Self.parent)", "traceparent: \(Self.parent)"]])
    func `what is no trace is left out`(_ fields: [String]) async throws {
        let response = await exchange.send(try .test("/", fields: fields), through: [tracing]) { _, context in
            .text("\(ServiceContext.current == nil) \(context.g.traceContext == nil)")
        }
        #expect(response.text == "true true")
    }

    @Test func `a request is a span, named after its route, which ends with its response`() async throws {
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            let request = try Request.test("/users/1?token=secret", fields: ["User-Agent: test"])
            let response = await exchange.respond(to: request, through: [tracing]) { request, _ in
                request.noteRoute("/users/{id}")
                return .text("\(ServiceContext.current?.inMemorySpanContext != nil)")
            }
            #expect(response.text == "true")
            #expect(tracer.finishedSpans.isEmpty)
            response.sent()
        }
        let span = try #require(tracer.finishedSpans.first)
        #expect(span.operationName == "GET /users/{id}")
        #expect(span.kind == .server)
        #expect(span.attributes.get("http.route") == .string("/users/{id}"))
        #expect(span.attributes.get("url.path") == .string("/users/1"))
        #expect(span.attributes.get("http.response.status_code") == .int64(200))
        #expect(span.status == nil)
    }

    @Test func `an error of the server is one of the span, and one of the client is not`() async throws {
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            await exchange.send(try .test("/"), through: [tracing]) { _, _ in throw Mistake() }
            await exchange.send(try .test("/"), through: [tracing]) { _, _ in throw HTTPError(.notFound) }
        }
        let spans = tracer.finishedSpans
        #expect(spans.map { $0.status?.code } == [.error, nil])
        #expect(spans.map(\.errors.count) == [1, 0])
    }

    @Test func `a stream belongs to the span`() async throws {
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            let response = await exchange.respond(to: try .test("/"), through: [tracing]) { _, _ in
                Response(status: .ok, body: .stream { try await $0.write("\(ServiceContext.current != nil)") })
            }
            try await ServiceContext.$current.withValue(nil) {
                try await response.body.producer?(
                    ResponseWriter { bytes throws(ResponseWriterError) in
                        #expect(String(decoding: bytes, as: UTF8.self) == "true")
                    }
                )
            }
            response.sent()
        }
    }

    @Test func `a path that was left out is no span`() async throws {
        let tracer = InMemoryTracer()
        _ = try await withTracer(tracer) { await exchange.send(try .test("/health"), through: [tracing]) }
        #expect(tracer.finishedSpans.isEmpty)
    }

    @Test func `a path that no request can have is refused`() throws {
        #expect(try TracingMiddleware.validate(options("{exclude: [health]}")).map(\.key) == ["exclude.0"])
    }
}
