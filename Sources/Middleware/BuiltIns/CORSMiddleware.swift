public import ContextPool
public import EventServer
import HTTPTypes

/// `cors`: lets pages of other origins read the answers (Fetch Standard, "HTTP extensions").
///
/// A preflight is answered here, so `cors` stands before what demands credentials: browsers send none with it. An origin
/// that is not allowed gets the answer without the fields, and its browser then keeps it from the page.
public struct CORSMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "cors"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// The origins that may read, such as `https://shop.example`; `*` stands for all.
        public var origins: [String]
        /// The methods that a page may use.
        public var methods: [String]
        /// The fields that a page may send, beyond those that it always may.
        public var headers: [String]
        /// The fields that a page may read, beyond those that it always may.
        public var exposedHeaders: [String]
        /// Whether a page may send cookies; never together with the origin `*`.
        public var credentials: Bool
        /// How long a browser may remember a preflight.
        public var maxAge: Duration

        private enum CodingKeys: CodingKey {
            case origins, methods, headers, exposedHeaders, credentials, maxAge
        }

        /// Decodes the options, with defaults for what is left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws, also where `origins` is missing.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            origins = try container.decode([String].self, forKey: .origins)
            methods = try container.decode([String].self, forKey: .methods, default: ["GET", "HEAD", "POST"])
            headers = try container.decode([String].self, forKey: .headers, default: [])
            exposedHeaders = try container.decode([String].self, forKey: .exposedHeaders, default: [])
            credentials = try container.decode(Bool.self, forKey: .credentials, default: false)
            maxAge = try container.decode(Duration.self, forKey: .maxAge, default: .seconds(600))
        }
    }

    private let origins: Set<String>
    private let allowsAll: Bool
    private let allowsCredentials: Bool
    private let preflightFields: [(HTTPField.Name, String)]
    private let exposed: String

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for what browsers would not heed.
    public init(options: Options) throws {
        origins = Set(try options.origins.map { $0 == "*" ? $0 : try WebOrigin($0, key: "origins").text })
        for (key, names) in [
            ("methods", options.methods), ("headers", options.headers), ("exposedHeaders", options.exposedHeaders),
        ] {
            for name in names where HTTPField.Name(name) == nil {
                throw OptionsError(key: key, "\"\(name)\" is not a name.")
            }
        }
        allowsAll = options.origins.contains("*")
        guard !(allowsAll && options.credentials) else {
            throw OptionsError(
                key: "credentials",
                "Browsers send no cookies where every origin (*) is allowed: name the origins."
            )
        }
        allowsCredentials = options.credentials
        exposed = options.exposedHeaders.joined(separator: ", ")
        preflightFields = [
            (.accessControlAllowMethods, options.methods.joined(separator: ", ")),
            (.accessControlAllowHeaders, options.headers.joined(separator: ", ")),
            (.accessControlMaxAge, "\(options.maxAge.components.seconds)"),
        ]
        .filter { !$0.1.isEmpty }
    }

    /// It stands before `auth`.
    public var chainRules: [ChainRule] {
        [.before("auth", because: "browsers send no credentials with the request that asks whether they may")]
    }

    /// Answers a preflight, or goes on and adds the fields to whatever response comes.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: 204 for a preflight; else the response of the rest.
    /// - Throws: The error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        let origin = request.header(.origin)
        let isPreflight =
            request.method == .options && origin != nil && request.header(.accessControlRequestMethod) != nil
        context.onResponse { response in
            // A cache must not give the answer for one origin to another, nor one without the fields.
            if !allowsAll { response.vary(on: "Origin") }
            guard let origin, allowsAll || origins.contains(origin) else { return }
            response.headers[.accessControlAllowOrigin] = allowsAll ? "*" : origin
            if allowsCredentials { response.headers[.accessControlAllowCredentials] = "true" }
            if isPreflight {
                for (name, value) in preflightFields { response.headers[name] = value }
            } else if !exposed.isEmpty {
                response.headers[.accessControlExposeHeaders] = exposed
            }
        }
        return isPreflight ? Response(status: .noContent) : try await next(request, in: context)
    }
}
