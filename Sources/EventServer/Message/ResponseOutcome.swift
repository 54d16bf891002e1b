public import HTTPTypes

/// What became of a response.
public struct ResponseOutcome: Sendable, Equatable {
    /// How the answering of a request ended.
    public enum Ending: Sendable, Equatable {
        /// All of the response was handed to the system.
        case delivered
        /// The client had left before.
        case clientLeft
        /// The handler took too long: the client got 504 in its place.
        case timedOut
        /// The server stopped before.
        case serverStopped
        /// The response broke off: its stream threw an error, or its file became shorter.
        case broken

        /// What a log shows in the place of the status; `nil` where the status of the response itself is true.
        var status: HTTPResponse.Status? {
            switch self {
            case .delivered, .broken: nil
            // No status of HTTP, but nginx's number for it, which tools that read logs know.
            case .clientLeft: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")
            case .timedOut: .gatewayTimeout
            case .serverStopped: .serviceUnavailable
            }
        }
    }

    /// The status that the client saw; 499 where it had left, 504 where the handler took too long, 503 where the server
    /// stopped before.
    public let status: HTTPResponse.Status

    /// The bytes of the body, as far as they were known; 0 in answer to HEAD.
    ///
    /// All of them were handed to the system where the ending is `delivered`. Where it is `timedOut` they are those of the 504.
    public let bodySize: Int

    /// How it ended.
    public let ending: Ending

    /// Whether all of it was handed to the system.
    public var isDelivered: Bool { ending == .delivered }

    init(status: HTTPResponse.Status, bodySize: Int, ending: Ending) {
        self.status = status
        self.bodySize = bodySize
        self.ending = ending
    }

    /// The outcome of a response that was meant to be delivered, but was not.
    func undelivered(_ ending: Ending) -> ResponseOutcome {
        ResponseOutcome(status: ending.status ?? status, bodySize: bodySize, ending: ending)
    }
}
