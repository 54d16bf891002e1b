/// Why a session cannot be used or changed.
public struct SessionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of mistake it is.
    public enum Code: Sendable, Equatable {
        /// There is no session here.
        case noSession
        /// The response has begun, and its cookie with it.
        case tooLate
        /// There is no room for so much.
        case tooLarge
        /// The value cannot be JSON.
        case notEncodable
    }

    /// What kind of mistake it is.
    public let code: Code

    /// What is wrong and what to do.
    public let description: String

    static let noSession = SessionError(
        code: .noSession,
        description: """
            There is no session here. Put "session" into the chain; and in a job, take what it needs out of the session before it \
            is submitted: a session does not travel, since nothing that a job writes to it could reach the client.
            """
    )

    static let tooLate = SessionError(
        code: .tooLate,
        description: "The response has begun, and its cookie with it. Change the session before the handler returns."
    )

    static func tooLarge(_ size: Int, limit: Int) -> SessionError {
        SessionError(
            code: .tooLarge,
            description: """
                The session would have \(size) bytes, and \(limit) are allowed: a cookie has 4096 at most, a store takes 64 KiB. \
                Keep less in it, or set "store: server" for the middleware "session".
                """
        )
    }

    static func notEncodable(_ name: String) -> SessionError {
        SessionError(
            code: .notEncodable,
            description: "The value \"\(name)\" of the session cannot be written as JSON."
        )
    }
}
