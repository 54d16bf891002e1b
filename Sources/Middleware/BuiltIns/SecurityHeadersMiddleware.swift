public import ContextPool
public import EventServer
import HTTPTypes

/// `security-headers`: tells browsers what a page may do, so that a mistake in it costs less.
///
/// A field that a handler has set itself stays as it is. `Strict-Transport-Security` is sent to clients that came over
/// `https` alone (RFC 6797, section 7.2), as trusted proxies tell.
public struct SecurityHeadersMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "security-headers"

    /// What can be set in `config.yml`; an empty text leaves a field out.
    public struct Options: Decodable, Sendable {
        /// `Content-Security-Policy` (W3C CSP Level 3).
        public var contentSecurityPolicy: String
        /// `X-Frame-Options` (RFC 7034), for browsers that do not know `frame-ancestors`.
        public var frameOptions: String
        /// `Referrer-Policy`.
        public var referrerPolicy: String
        /// `Cross-Origin-Opener-Policy`.
        public var openerPolicy: String
        /// `Cross-Origin-Resource-Policy`.
        public var resourcePolicy: String
        /// `Permissions-Policy`.
        public var permissionsPolicy: String
        /// `Strict-Transport-Security` (RFC 6797).
        public var strictTransportSecurity: String

        private enum CodingKeys: CodingKey {
            case contentSecurityPolicy, frameOptions, referrerPolicy, openerPolicy, resourcePolicy, permissionsPolicy
            case strictTransportSecurity
        }

        /// Decodes the options, with defaults for what is left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            func text(_ key: CodingKeys, default fallback: String) throws -> String {
                try container.decodeIfPresent(String.self, forKey: key) ?? fallback
            }
            contentSecurityPolicy = try text(
                .contentSecurityPolicy,
                default: "default-src 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'none'"
            )
            frameOptions = try text(.frameOptions, default: "DENY")
            referrerPolicy = try text(.referrerPolicy, default: "strict-origin-when-cross-origin")
            openerPolicy = try text(.openerPolicy, default: "same-origin")
            resourcePolicy = try text(.resourcePolicy, default: "same-origin")
            permissionsPolicy = try text(.permissionsPolicy, default: "")
            strictTransportSecurity = try text(.strictTransportSecurity, default: "max-age=31536000")
        }
    }

    private let fields: [HTTPField]
    private let secureFields: [HTTPField]

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for a text that cannot be the value of a field.
    public init(options: Options) throws {
        let always = [
            ("", "X-Content-Type-Options", "nosniff"),
            ("contentSecurityPolicy", "Content-Security-Policy", options.contentSecurityPolicy),
            ("frameOptions", "X-Frame-Options", options.frameOptions),
            ("referrerPolicy", "Referrer-Policy", options.referrerPolicy),
            ("openerPolicy", "Cross-Origin-Opener-Policy", options.openerPolicy),
            ("resourcePolicy", "Cross-Origin-Resource-Policy", options.resourcePolicy),
            ("permissionsPolicy", "Permissions-Policy", options.permissionsPolicy),
        ]
        fields = try always.compactMap(Self.field)
        let transport = ("strictTransportSecurity", "Strict-Transport-Security", options.strictTransportSecurity)
        secureFields = try fields + [transport].compactMap(Self.field)
    }

    private static func field(_ key: String, _ name: String, _ value: String) throws -> HTTPField? {
        guard !value.isEmpty, let name = HTTPField.Name(name) else { return nil }
        guard HTTPField.isValidValue(value) else {
            throw OptionsError(key: key, "The value of \(name) must be one line of visible characters.")
        }
        return HTTPField(name: name, value: value)
    }

    /// Goes on, and adds the fields to whatever response comes, errors included.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest.
    /// - Throws: The error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        let fields = request.clientScheme == "https" ? secureFields : fields
        context.onResponse { response in
            for field in fields where !response.headers.contains(field.name) { response.headers.append(field) }
        }
        return try await next(request, in: context)
    }
}
