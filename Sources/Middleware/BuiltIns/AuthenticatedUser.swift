public import ContextPool

/// Who sent a request, as `auth` has found out.
public struct AuthenticatedUser: Sendable, Equatable {
    /// How the user proved who he is.
    public enum Method: Sendable, Equatable {
        /// A signed token (RFC 7519).
        case token
        /// A key that the operator gave out.
        case apiKey
    }

    /// The user's name: the `sub` of the token, or the name of the API key.
    public let id: String

    /// How the user proved who he is.
    public let method: Method

    /// The claims of the token that are text, numbers or truth values, as text; empty for an API key.
    public let claims: [String: String]

    /// Creates a user.
    ///
    /// - Parameters:
    ///   - id: The user's name.
    ///   - method: How the user proved who he is.
    ///   - claims: The claims of the token.
    public init(id: String, method: Method, claims: [String: String] = [:]) {
        self.id = id
        self.method = method
        self.claims = claims
    }
}

private enum UserKey: ContextKey {
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
