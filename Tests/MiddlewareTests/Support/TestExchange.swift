import ContextPool
import HTTPTypes
import Logging
import Middleware
import TestSupport

@testable import Baton
@testable import EventServer

/// An application without a server: requests go in, responses come out, and a response is sent when the test says so.
struct TestExchange: Sendable {
    let logs = LogRecorder()
    let app: AppContext

    init(
        workers: Int = 1,
        queueLimit: Int = 16,
        links: RouteLinks? = nil,
        healthChecks: HealthChecks? = nil,
        observer: (any ContextPoolObserver)? = nil
    ) throws {
        var values = ContextValues()
        if let links { values.links = links }
        values.logger = logs.makeLogger(provider: .requestContext)
        values.healthChecks = healthChecks
        let pool = try ContextPool(
            workers: workers,
            queueLimit: queueLimit,
            propagators: [.currentLogger, .trace],
            observer: observer
        )
        app = AppContext(name: "test", pool: pool, values: values)
    }

    /// What a plug-in gets when it starts.
    var setup: PluginSetup { PluginSetup(name: "test", app: app, logger: app.values.logger) }

    /// Passes a request through a chain to a handler, and leaves the response unsent.
    func respond(
        to request: Request,
        through chain: [any Middleware] = [],
        _ handler: @escaping Handler = { _, _ in .text("ok") }
    ) async -> Response {
        let steps = chain.enumerated().map { MiddlewareChain.Step(name: "\($0.offset)", middleware: $0.element) }
        return await ContextResponder(app: app, chain: MiddlewareChain(steps), handler: handler).respond(to: request)
    }

    /// Passes a request through, and sends the response, as the server would.
    @discardableResult
    func send(
        _ request: Request,
        through chain: [any Middleware] = [],
        _ handler: @escaping Handler = { _, _ in .text("ok") }
    ) async -> Response {
        let response = await respond(to: request, through: chain, handler)
        response.sent()
        return response
    }
}

extension Response {
    /// Ends the exchange of this response.
    func sent(_ ending: ResponseOutcome.Ending = .delivered) {
        let outcome = ResponseOutcome(status: status, bodySize: body.length ?? 0, ending: .delivered)
        end(ending == .delivered ? outcome : outcome.undelivered(ending))
    }

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    var text: String { String(decoding: body.bytes ?? [], as: UTF8.self) }
}

/// Options as `config.yml` would give them, from YAML, which JSON is, too.
func options<Options: Decodable>(_ yaml: String, as type: Options.Type = Options.self) throws -> Options {
    let file = try ConfigFile(
        yaml: "options: \(yaml)",
        file: "test",
        overrides: ConfigOverrides(options: [:], environment: [:])
    )
    return try file.decode(at: ["options"]) { try type.init(from: $0) }
}

/// Does what a closure says.
struct ClosureMiddleware: Middleware {
    let body: @Sendable (Request, RequestContext, Next) async throws -> Response

    init(_ body: @escaping @Sendable (Request, RequestContext, Next) async throws -> Response) { self.body = body }

    func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        try await body(request, context, next)
    }
}

/// What happened, in order.
final class Journal: Sendable {
    private let gate = LogRecorder()
    private let logger: Logger

    init() { logger = gate.makeLogger() }

    var entries: [String] { gate.lines.map(\.message) }

    func note(_ entry: String) { logger.info("\(entry)") }
}
