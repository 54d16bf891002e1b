import HTTPTypes
import Hummingbird
import JWTKit

/// What Baton's default chain puts into its context.
struct BenchContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    var requestID = ""
    var user: String?
    var values: [String: String] = [:]

    init(source: Source) { coreContext = .init(source: source) }
}

/// `request-id`: a random id, or the client's, in the context, the log line and the response.
struct RequestIDStep: RouterMiddleware {
    typealias Context = BenchContext

    // swift-format-ignore: NeverForceUnwrap
    static let field = HTTPField.Name("x-request-id")!

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        let id = request.headers[Self.field] ?? String(UInt64.random(in: .min ... .max), radix: 16)
        context.requestID = id
        var response = try await next(request, context)
        response.headers[Self.field] = id
        return response
    }
}

/// `access-log`: a line after the response was made, by the logger that Hummingbird has.
struct LogStep: RouterMiddleware {
    typealias Context = BenchContext

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        context.logger.info(
            "request",
            metadata: [
                "method": "\(request.method)", "path": "\(request.uri.path)", "status": "\(response.status.code)",
                "duration": "\(ContinuousClock.now - start)", "bytes": "\(response.body.contentLength ?? 0)",
                "request-id": "\(context.requestID)",
            ]
        )
        return response
    }
}

/// `auth`, where it is not required: a bearer token must be right, if there is one.
struct AuthStep: RouterMiddleware {
    typealias Context = BenchContext

    struct Payload: JWTPayload {
        var sub: SubjectClaim
        var exp: ExpirationClaim

        func verify(using algorithm: some JWTAlgorithm) throws { try exp.verifyNotExpired() }
    }

    let keys: JWTKeyCollection

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let credentials = request.headers[.authorization] else { return try await next(request, context) }
        guard
            credentials.hasPrefix("Bearer "),
            let payload = try? await keys.verify(String(credentials.dropFirst(7)), as: Payload.self)
        else { throw HTTPError(.unauthorized) }
        var context = context
        context.user = payload.sub.value
        return try await next(request, context)
    }
}

/// `g`: two values, from a header field and from a cookie.
struct ValuesStep: RouterMiddleware {
    typealias Context = BenchContext

    // swift-format-ignore: NeverForceUnwrap
    static let field = HTTPField.Name("user-id")!

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.values["userID"] = request.headers[Self.field] ?? "nobody"
        context.values["theme"] = request.cookies["theme"]?.value ?? "light"
        return try await next(request, context)
    }
}
