import ContextPool
import EventServer
import HTTPTypes

/// How a client is told to sign in: `WWW-Authenticate` (RFC 9110, section 11.6.1), a field for each way.
struct AuthChallenges: Sendable, Equatable {
    var bearer = false
    var basic = false
    var realm = "baton"

    /// - Parameters:
    ///   - message: What the client is told.
    ///   - tokenError: Whether it is a token that was wrong (RFC 6750, section 3.1).
    /// - Returns: The refusal.
    func unauthorized(_ message: String, tokenError: Bool = false) -> HTTPError {
        var headers = ResponseFields()
        if bearer {
            let error = tokenError ? ", error=\"invalid_token\"" : ""
            headers.append(name: .wwwAuthenticate, value: "Bearer realm=\"\(realm)\"\(error)")
        }
        if basic { headers.append(name: .wwwAuthenticate, value: "Basic realm=\"\(realm)\", charset=\"UTF-8\"") }
        // The field must be there, and no registered scheme is for API keys.
        if !bearer, !basic { headers[.wwwAuthenticate] = "ApiKey realm=\"\(realm)\"" }
        return HTTPError(.unauthorized, message, headers: headers)
    }
}

enum AuthChallengesKey: ContextKey {
    static let name = "baton.authChallenges"
    static let defaultValue = AuthChallenges(bearer: true)
    // A job answers nobody.
    static let travel = ContextTravel.cleared
}

extension ContextValues {
    /// What `auth` tells clients who have not signed in, for those behind it that demand more.
    var authChallenges: AuthChallenges { self[AuthChallengesKey.self] }
}
