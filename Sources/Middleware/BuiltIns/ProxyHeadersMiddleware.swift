public import ContextPool
public import EventServer

/// `proxy-headers`: who asks is whom the header fields of trusted proxies name, for all that is behind it in the chain.
///
/// Which proxies are trusted, `server.proxies.trusted` says. From anybody else the fields are not read: every client could send them.
public struct ProxyHeadersMiddleware: MiddlewarePlugin, PreparingMiddleware {
    /// The name in `config.yml`.
    public static let name = "proxy-headers"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// The fields that the proxies set.
        public var headers: ForwardedFields

        private enum CodingKeys: CodingKey {
            case headers
        }

        /// Decodes the options.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws, also where `headers` is missing: a kind that nobody chose may be one that the proxy passes
        ///   on as the client sent it.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            headers = try container.decode(ForwardedFields.self, forKey: .headers)
        }
    }

    private let fields: ForwardedFields

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    public init(options: Options) { fields = options.headers }

    /// Before all built-ins that ask for the client: to one that asked earlier it would be the proxy.
    public var chainRules: [ChainRule] {
        [
            .before(AccessLogMiddleware.name, because: "that logs the client's address"),
            .before(CSRFMiddleware.name, because: "that asks for the host that the client has named"),
            .before(RateLimitMiddleware.name, because: "that counts by the client's address"),
            .before(SecurityHeadersMiddleware.name, because: "that asks whether the client uses https"),
            .before(TracingMiddleware.name, because: "that notes down the client's address, scheme and host"),
        ]
    }

    /// Believes the fields, where the request is that of a trusted proxy.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    public func prepare(_ request: Request, in context: RequestContext) { request.believe(fields) }
}
