public import ContextPool
public import EventServer
import HTTPTypes

/// `authorize`: lets only those go on whom `auth` has found, and who have the scopes and one of the roles that are demanded.
///
/// ```swift
/// router.group("/admin", middleware: [try AuthorizeMiddleware(roles: ["admin"])]) { admin in ... }
/// ```
public struct AuthorizeMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "authorize"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// The scopes that a user must have, all of them.
        public var scopes: [String]
        /// The roles of which a user must have one; with none, whoever has signed in will do.
        public var roles: [String]

        private enum CodingKeys: CodingKey {
            case scopes, roles
        }

        /// Decodes the options, with defaults for what is left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            scopes = try container.decode([String].self, forKey: .scopes, default: [])
            roles = try container.decode([String].self, forKey: .roles, default: [])
        }

        init(scopes: [String], roles: [String]) {
            self.scopes = scopes
            self.roles = roles
        }
    }

    private let scopes: [String]
    private let roles: Set<String>

    /// Finds what is wrong with the options.
    ///
    /// - Parameter options: The options.
    /// - Returns: Scopes that are none (RFC 6749, section 3.3), and empty roles.
    public static func validate(_ options: Options) -> [OptionsError] {
        let scopes = options.scopes.enumerated()
            .compactMap { index, scope in
                let isScope = scope.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
                guard scope.isEmpty || !isScope else { return nil as OptionsError? }
                let message =
                    "\"\(scope)\" is no scope: it must be visible ASCII without blanks, quotes and backslashes."
                return OptionsError(key: "scopes.\(index)", message)
            }
        let roles = options.roles.enumerated()
            .compactMap { index, role in
                role.isEmpty ? OptionsError(key: "roles.\(index)", "A role must have a name.") : nil
            }
        return scopes + roles
    }

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for what ``validate(_:)`` finds.
    public init(options: Options) throws {
        if let mistake = Self.validate(options).first { throw mistake }
        scopes = options.scopes
        roles = Set(options.roles)
    }

    /// Creates the middleware, for a group of routes.
    ///
    /// - Parameters:
    ///   - scopes: The scopes that a user must have, all of them.
    ///   - roles: The roles of which a user must have one; with none, whoever has signed in will do.
    /// - Throws: ``OptionsError`` for what ``validate(_:)`` finds.
    public init(scopes: [String] = [], roles: [String] = []) throws {
        try self.init(options: Options(scopes: scopes, roles: roles))
    }

    /// It stands behind `auth`, without which nobody could go on.
    public var chainRules: [ChainRule] {
        [.needs(AuthMiddleware.name, because: "it asks what the user may do whom that one finds")]
    }

    /// Refuses the request, or goes on.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest.
    /// - Throws: ``HTTPError`` with 401 where nobody has signed in, with 403 where somebody has who must not, or the error of
    ///   the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        let values = context.g
        guard let user = values.user else { throw values.authChallenges.unauthorized("Sign in first.") }
        guard user.scopes.isSuperset(of: scopes) else {
            var error = HTTPError(.forbidden, "This needs the scope \"\(scopes.joined(separator: " "))\".")
            if user.method == .token {
                // RFC 6750, section 3.1: so the client knows what to ask for.
                let realm = values.authChallenges.realm
                error.headers[.wwwAuthenticate] =
                    "Bearer realm=\"\(realm)\", error=\"insufficient_scope\", scope=\"\(scopes.joined(separator: " "))\""
            }
            throw error
        }
        guard roles.isEmpty || !roles.isDisjoint(with: user.roles) else {
            throw HTTPError(.forbidden, "This is not for everybody who has signed in.")
        }
        return try await next(request, in: context)
    }
}
