/// The server could not start, was used twice, or could not go on.
public struct ServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for code that decides by it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// The address is taken, not of this machine, or not allowed.
        public static let cannotListen = Code(description: "cannotListen")
        /// The host's name has no address.
        public static let cannotResolve = Code(description: "cannotResolve")
        /// A text is no address to listen at, or no range of addresses.
        public static let invalidAddress = Code(description: "invalidAddress")
        /// The server runs or has run already.
        public static let alreadyUsed = Code(description: "alreadyUsed")
        /// Another process has shut down all the sockets at which the server listened.
        public static let listenersLost = Code(description: "listenersLost")
        /// The system refused something that every server needs.
        public static let system = Code(description: "system")
    }

    /// What went wrong.
    public let code: Code

    /// What happened and what to do, in whole sentences.
    public let description: String

    static let alreadyUsed = ServerError(
        code: .alreadyUsed,
        description: "This server runs or has run already. Make a new HTTPServer for each run."
    )

    static let listenersLost = ServerError(
        code: .listenersLost,
        description: """
            Another process has shut down all sockets at which this server listened, so that nobody could connect any more. \
            Restart Baton and whoever handed them down.
            """
    )

    static func noPort(_ port: Int) -> ServerError {
        ServerError(
            code: .cannotListen,
            description: "There is no port \(port). Choose one up to 65535 (--port), or 0 to have the system pick one."
        )
    }

    static func cannotResolve(host: String, reason: String) -> ServerError {
        ServerError(
            code: .cannotResolve,
            description: """
                The host "\(host)" has no address (\(reason)). Use an address of this machine, such as 127.0.0.1 for itself \
                alone or 0.0.0.0 for everybody.
                """
        )
    }
}
