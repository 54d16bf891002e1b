import Baton

struct TenantMiddleware: MiddlewarePlugin {
    static let name = "tenant"

    struct Options: Decodable {
        var header: String
    }

    let options: Options

    func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        context.g.tenant = HTTPField.Name(options.header).flatMap { request.header($0) }
        return try await next(request, in: context)
    }
}

enum TenantKey: ContextKey {
    static let name = "tenant"
    static let defaultValue: String? = nil
}

extension ContextValues {
    var tenant: String? {
        get { self[TenantKey.self] }
        set { self[TenantKey.self] = newValue }
    }
}
