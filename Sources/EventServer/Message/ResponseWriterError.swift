/// Something could not be written to a streamed response.
public struct ResponseWriterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for code that decides by it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// The connection is gone.
        public static let clientLeft = Code(description: "clientLeft")
        /// More was written than the response had promised.
        public static let tooLong = Code(description: "tooLong")
        /// The response has ended.
        public static let finished = Code(description: "finished")
        /// What stands between the writer and the connection could not go on.
        public static let failed = Code(description: "failed")
    }

    /// What went wrong.
    public let code: Code

    /// What happened and what to do, in whole sentences.
    public let description: String

    /// The error of a middleware that stands between a writer and the connection, and cannot go on.
    ///
    /// - Parameter description: What happened and what to do, in whole sentences.
    /// - Returns: An error with the code `failed`.
    public static func failed(_ description: String) -> ResponseWriterError {
        ResponseWriterError(code: .failed, description: description)
    }

    static let clientLeft = ResponseWriterError(
        code: .clientLeft,
        description: "The client closed the connection before the response was complete. Let the producer end."
    )

    static let tooLong = ResponseWriterError(
        code: .tooLong,
        description: """
            The stream is longer than the length it was made with. Count what is written, or leave the length out.
            """
    )

    static let finished = ResponseWriterError(
        code: .finished,
        description: """
            The response has ended: its producer has returned, or has called finish. Write before that, and wait in the \
            producer for the tasks that write.
            """
    )
}
