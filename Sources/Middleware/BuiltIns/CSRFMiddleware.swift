public import ContextPool
public import EventServer
import HTTPTypes

/// `csrf`: refuses a request by which another site's page would change something in the name of its visitor.
///
/// It asks the browser, which says where a request comes from: by `Sec-Fetch-Site` (Fetch Metadata), and where that is
/// missing by `Origin`. So no form needs a token. `GET`, `HEAD` and `OPTIONS` always pass, for they must not change anything
/// (RFC 9110, section 9.2.1); so does what sends neither field, for that is no browser.
public struct CSRFMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "csrf"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// Further origins whose pages may send requests, such as `https://admin.example`.
        public var trustedOrigins: [String]
        /// Paths that anybody may send to, such as a hook that a form of another site is meant to call; `*` at the end as ever.
        public var exempt: [String]

        private enum CodingKeys: CodingKey {
            case trustedOrigins, exempt
        }

        /// Decodes the options, with defaults for what is left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            trustedOrigins = try container.decode([String].self, forKey: .trustedOrigins, default: [])
            exempt = try container.decode([String].self, forKey: .exempt, default: [])
        }
    }

    private static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")

    private let trusted: Set<String>
    private let exempt: PathRules

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for an origin or a path that no request can have.
    public init(options: Options) throws {
        trusted = Set(try options.trustedOrigins.map { try WebOrigin($0, key: "trustedOrigins").text })
        exempt = try PathRules(options.exempt, key: "exempt")
    }

    /// Refuses a request of another site that could change something, and lets every other go on.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest.
    /// - Throws: ``HTTPError`` with 403, or the error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        guard isHarmless(request) else {
            throw HTTPError(.forbidden, "The request came from a page of another site, which may not do this.")
        }
        return try await next(request, in: context)
    }

    private func isHarmless(_ request: Request) -> Bool {
        switch request.method {
        case .get, .head, .options: return true
        default: break
        }
        if exempt.contains(request.path) { return true }
        let origin = request.header(.origin)
        if let origin, trusted.contains(origin) { return true }
        if let site = Self.secFetchSite.flatMap({ request.header($0) }) {
            return site == "same-origin" || site == "none"
        }
        guard let origin else { return true }
        // Browsers that send Origin alone. The scheme is left out: a proxy in front may have ended TLS without telling us.
        return WebOrigin.authority(of: origin) == request.clientAuthority.lowercased()
    }
}
