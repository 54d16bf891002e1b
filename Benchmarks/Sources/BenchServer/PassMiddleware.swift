import Baton

/// A step that does nothing, for chains of any length.
struct PassMiddleware: MiddlewarePlugin {
    static let name = "pass"

    struct Options: Decodable {}

    init(options: Options) {}

    func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        try await next(request, in: context)
    }
}
