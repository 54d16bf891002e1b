public import ContextPool

/// Who sent a request, as `auth` has found out.
public struct AuthenticatedUser: Sendable, Equatable {
    /// How the user proved who he is.
    public enum Method: Sendable, Equatable {
        /// A signed token (RFC 7519).
        case token
        /// A name and a password (RFC 7617).
        case password
        /// A key that the operator gave out.
        case apiKey
    }

    /// The user's name: the `sub` of the token, the name that belongs to the password, or that of the API key.
    public let id: String

    /// How the user proved who he is.
    public let method: Method

    /// The claims of the token that are text, numbers or truth values, as text; empty without a token.
    public let claims: [String: String]

    /// What the user has been allowed to do, such as `orders:write`.
    public let scopes: Set<String>

    /// What the user is, such as `admin`.
    public let roles: Set<String>

    /// Creates a user.
    ///
    /// - Parameters:
    ///   - id: The user's name.
    ///   - method: How the user proved who he is.
    ///   - claims: The claims of the token.
    ///   - scopes: What the user has been allowed to do.
    ///   - roles: What the user is.
    public init(
        id: String,
        method: Method,
        claims: [String: String] = [:],
        scopes: Set<String> = [],
        roles: Set<String> = []
    ) {
        self.id = id
        self.method = method
        self.claims = claims
        self.scopes = scopes
        self.roles = roles
    }
}

extension AuthenticatedUser: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The name alone: claims may be anything, and an address or a role is no business of a log.
    public var description: String { id }

    /// The name alone, also where the user is part of something that is described.
    public var debugDescription: String { id }

    /// Without the values of the claims.
    public var customMirror: Mirror {
        Mirror(self, children: ["id": id, "method": method, "claims": claims.mapValues { _ in "<redacted>" }])
    }
}

enum UserKey: ContextKey {
    static let name = "user"
    static let defaultValue: AuthenticatedUser? = nil
}

extension ContextValues {
    /// The user, where `auth` is in the chain and has found one.
    public var user: AuthenticatedUser? {
        get { self[UserKey.self] }
        set { self[UserKey.self] = newValue }
    }
}
