import Baton

/// `tenant-id`: puts a header field of each request into `g.tenantID`, for handlers and their jobs.
struct TenantIDMiddleware: MiddlewarePlugin {
    static let name = "tenant-id"

    /// What can be set in `config.yml`; what may be left out is optional.
    struct Options: Decodable {
        /// The header field; `x-tenant-id` where nothing is said.
        var header: String?
        /// Whether requests without it are refused; they are not where nothing is said.
        var required: Bool?
    }

    private let header: HTTPField.Name
    private let isRequired: Bool

    init(options: Options) throws {
        let text = options.header ?? "x-tenant-id"
        guard let header = HTTPField.Name(text) else {
            throw OptionsError(key: "header", "\"\(text)\" is no name of a header field")
        }
        self.header = header
        isRequired = options.required ?? false
    }

    func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        let value = request.header(header)
        guard value != nil || !isRequired else {
            throw HTTPError(.badRequest, "The header field \(header) is missing.")
        }
        context.g.tenantID = value
        return try await next(request, in: context)
    }
}

extension ContextValues {
    /// What `tenant-id` has found in the request; `nil` where there was nothing.
    var tenantID: String? {
        get { self[TenantIDKey.self] }
        set { self[TenantIDKey.self] = newValue }
    }
}

private enum TenantIDKey: ContextKey {
    static let name = "tenant-id"
    static let defaultValue: String? = nil
}
