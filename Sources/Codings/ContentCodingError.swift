/// Content could not be encoded.
public struct ContentCodingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for code that decides by it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// The stream had ended before.
        public static let finished = Code(description: "finished")
        /// The library could not go on, for want of memory.
        public static let failed = Code(description: "failed")
    }

    /// What went wrong.
    public let code: Code

    /// What happened and what to do, in a sentence.
    public let description: String

    static let finished = ContentCodingError(
        code: .finished,
        description: "The encoded stream has ended. Make an encoder for each stream."
    )

    static let failed = ContentCodingError(
        code: .failed,
        description: """
            The content could not be encoded; there is most likely no memory left. Serve fewer streams at a time.
            """
    )
}
