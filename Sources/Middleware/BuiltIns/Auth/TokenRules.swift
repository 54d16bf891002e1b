import Foundation

/// What is demanded of the claims of a token, and what is made of them.
struct TokenRules: Sendable {
    var issuer: String?
    var audience: String?
    /// How far the clocks of others may differ from this one.
    var leeway: Duration = .zero
    var scopesClaim = "scope"
    var rolesClaim = "roles"
    /// Seconds since 1970.
    var now: @Sendable () -> Double = { Date.now.timeIntervalSince1970 }

    /// The user whom a token names.
    ///
    /// - Parameter claims: Its claims, whose signature was found right.
    /// - Returns: The user.
    /// - Throws: ``TokenFault`` for a token of another time, from or for somebody else (RFC 7519, section 4.1).
    func user(named claims: TokenClaims) throws(TokenFault) -> AuthenticatedUser {
        guard !claims.subject.isEmpty else { throw TokenFault("its sub is empty") }
        let now = now()
        let leeway = Double(self.leeway.components.seconds) + Double(self.leeway.components.attoseconds) / 1e18
        if let end = claims.expiration, now - leeway >= end { throw TokenFault("it has expired") }
        if let begin = claims.notBefore, now + leeway < begin { throw TokenFault("it is not valid yet") }
        if let issuer, claims.issuer != issuer { throw TokenFault("its iss is another one") }
        if let audience {
            guard claims.audience.contains(audience) else { throw TokenFault("it is meant for another audience (aud)") }
        } else if !claims.audience.isEmpty {
            // The RFC: who does not find himself in it must refuse. A token for another service opens no door here.
            throw TokenFault(
                "it is meant for an audience (aud), and the option audience does not say which one this is"
            )
        }
        return AuthenticatedUser(
            id: claims.subject,
            method: .token,
            claims: claims.texts,
            scopes: claims.words(of: scopesClaim),
            roles: claims.words(of: rolesClaim)
        )
    }
}
