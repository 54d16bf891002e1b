/// A body could not be read.
public struct RequestBodyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for code that decides by it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// The response was sent before the body had been read.
        public static let requestEnded = Code(description: "requestEnded")
        /// The client closed the connection before the body was complete.
        public static let clientLeft = Code(description: "clientLeft")
        /// The body did not arrive in time.
        public static let timedOut = Code(description: "timedOut")
        /// The body is larger than allowed.
        public static let tooLarge = Code(description: "tooLarge")
        /// The body broke the rules of HTTP.
        public static let malformed = Code(description: "malformed")
        /// The body was read before, or is being read by somebody else.
        public static let alreadyRead = Code(description: "alreadyRead")
    }

    /// What went wrong.
    public let code: Code

    /// What happened and what to do, in whole sentences.
    public let description: String

    static let requestEnded = RequestBodyError(
        code: .requestEnded,
        description: """
            The request has ended: its response was sent, and the unread body was let go with the connection. Collect the \
            body in the handler, before the response, and pass the bytes to the job.
            """
    )

    static let clientLeft = RequestBodyError(
        code: .clientLeft,
        description: "The client closed the connection before its body was complete."
    )

    static let timedOut = RequestBodyError(
        code: .timedOut,
        description: "The client stopped sending its body, and the time for it has passed."
    )

    static func tooLarge(limit: Int) -> RequestBodyError {
        RequestBodyError(
            code: .tooLarge,
            description: "The body is larger than the \(limit) bytes that are allowed here."
        )
    }

    static func malformed(_ refusal: RequestRefusal) -> RequestBodyError {
        RequestBodyError(code: .malformed, description: refusal.description)
    }

    static let alreadyRead = RequestBodyError(
        code: .alreadyRead,
        description: """
            The body has been read before; it arrives once and is not kept. Collect it once, and pass the bytes on.
            """
    )

    /// The same error, with a sentence about whoever came too late.
    func told(of lateReader: (@Sendable () -> String?)?) -> RequestBodyError {
        guard code == .requestEnded, let sentence = lateReader?() else { return self }
        return RequestBodyError(code: code, description: "\(description) \(sentence)")
    }
}
