import Foundation

extension AuthMiddleware {
    /// Signs a token, as `baton token` hands it out.
    ///
    /// - Parameters:
    ///   - user: The user's name, which becomes `sub`.
    ///   - secret: The secret of the options.
    ///   - lifetime: How long the token is valid.
    ///   - algorithm: One of HS256, HS384 and HS512.
    ///   - issuer: Who makes the token (`iss`).
    ///   - audience: Whom it is for (`aud`).
    ///   - scopes: What the user may do (`scope`).
    ///   - roles: What the user is (`roles`).
    /// - Returns: The token.
    /// - Throws: ``OptionsError`` where the secret is too short, or the algorithm needs a key of another kind.
    public static func makeToken(
        for user: String,
        secret: String,
        lifetime: Duration = .seconds(3600),
        algorithm: TokenAlgorithm = .hs256,
        issuer: String? = nil,
        audience: String? = nil,
        scopes: [String] = [],
        roles: [String] = []
    ) async throws -> String {
        let claims = MadeClaims(
            sub: user,
            exp: (Date.now.timeIntervalSince1970 + Double(lifetime.components.seconds)).rounded(),
            iss: issuer,
            aud: audience,
            scope: scopes.isEmpty ? nil : scopes.joined(separator: " "),
            roles: roles.isEmpty ? nil : roles
        )
        do {
            return try Token.make(claims, secret: secret, algorithm)
        } catch let fault as TokenFault {
            throw OptionsError(key: "secret", fault.sentence)
        }
    }

    private struct MadeClaims: Encodable {
        var sub: String
        var exp: Double
        var iss: String?
        var aud: String?
        var scope: String?
        var roles: [String]?
    }
}
