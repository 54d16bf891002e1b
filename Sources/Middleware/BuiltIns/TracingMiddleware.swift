public import ContextPool
public import EventServer
import HTTPTypes
import Tracing

/// `tracing`: makes each request a span of the trace that it belongs to (W3C Trace Context), with swift-distributed-tracing.
///
/// What runs for the request has the span in `ServiceContext.current`, and what a client of it sends is injected there. Its log lines
/// have the trace's id. Where the application has bootstrapped no tracer, the trace is only passed on.
public struct TracingMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "tracing"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// Paths whose requests are no spans; one that ends with `*` stands for all that begin so.
        public var exclude: [String]

        private enum CodingKeys: CodingKey {
            case exclude
        }

        /// Decodes the options, with defaults for what is left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            exclude = try container.decode([String].self, forKey: .exclude, default: [])
        }
    }

    private let excluded: PathRules

    /// Finds paths that no request can have.
    ///
    /// - Parameter options: The options.
    /// - Returns: The mistakes.
    public static func validate(_ options: Options) -> [OptionsError] {
        PathRules.mistakes(in: options.exclude, key: "exclude")
    }

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for a path that no request can have.
    public init(options: Options) throws { excluded = try PathRules(options.exclude, key: "exclude") }

    /// Goes on, in a span.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest.
    /// - Throws: The error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        guard !excluded.contains(request.path) else { return try await next(request, in: context) }
        let tracer = InstrumentationSystem.tracer
        var trace = ServiceContext.current ?? .topLevel
        guard !(tracer is NoOpTracer) else {
            guard let known = TracingFields.context(of: request) else { return try await next(request, in: context) }
            trace.traceContext = known
            context.g.traceContext = known
            return try await go(on: request, context, next, in: trace)
        }
        tracer.extract(request, into: &trace, using: RequestExtractor())
        let span = tracer.startAnySpan(request.method.rawValue, context: trace, ofKind: .server)
        Self.describe(request, on: span)
        context.g.traceContext = Self.traceContext(of: span, tracer)
        context.onTeardown { Self.end(span, request, $0.outcome) }
        do {
            return try await go(on: request, context, next, in: span.context)
        } catch {
            // What is an answer to the client is none of the server's errors.
            if !(error is any HTTPResponseError) { span.recordError(error) }
            throw error
        }
    }

    /// Goes on with the trace bound, also around a body that is made later.
    private func go(
        on request: Request,
        _ context: RequestContext,
        _ next: Next,
        in trace: ServiceContext
    ) async throws -> Response {
        var response = try await ServiceContext.$current.withValue(trace) { try await next(request, in: context) }
        if response.body.isStream {
            response.body = response.body.wrappingProducer { produce, writer in
                try await ServiceContext.$current.withValue(trace) { try await produce(writer) }
            }
        }
        return response
    }

    /// What the tracer would send on names trace and span, whichever tracer it is, if it speaks W3C at all.
    private static func traceContext(of span: any Span, _ tracer: any Tracer) -> TraceContext? {
        var fields: [String: String] = [:]
        tracer.inject(span.context, into: &fields, using: DictionaryInjector())
        return fields["traceparent"].flatMap { TraceContext(traceparent: [$0]) }
    }

    /// The attributes that OpenTelemetry has agreed upon.
    ///
    /// Not the query: tokens and names stand there.
    private static func describe(_ request: Request, on span: any Span) {
        span.updateAttributes { attributes in
            attributes["http.request.method"] = request.method.rawValue
            attributes["url.path"] = request.path
            attributes["url.scheme"] = request.clientScheme
            attributes["server.address"] = request.clientAuthority
            attributes["client.address"] = request.clientAddress.host
            if let agent = request.header(.userAgent) { attributes["user_agent.original"] = agent }
        }
    }

    private static func end(_ span: any Span, _ request: Request, _ outcome: ResponseOutcome?) {
        if let route = request.route {
            span.operationName = "\(request.method.rawValue) \(route)"
            span.attributes["http.route"] = route
        }
        if let outcome {
            span.attributes["http.response.status_code"] = outcome.status.code
            // A status below 500 is the client's business (OpenTelemetry's rule for servers).
            if outcome.status.code >= 500 || outcome.ending == .broken {
                span.attributes["error.type"] = outcome.ending == .broken ? "broken" : "\(outcome.status.code)"
                span.setStatus(SpanStatus(code: .error))
            }
        }
        span.end()
    }
}
