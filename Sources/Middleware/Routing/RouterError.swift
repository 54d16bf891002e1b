/// The routes of an application contradict each other, or cannot be read.
public struct RouterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for code that decides by it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// A pattern cannot be read.
        public static let invalidPattern = Code(description: "invalidPattern")
        /// Two routes answer the same requests.
        public static let conflict = Code(description: "conflict")
    }

    /// What went wrong.
    public let code: Code

    /// What happened and what to do, in a sentence.
    public let description: String

    static func invalidPattern(_ pattern: String, _ reason: String) -> RouterError {
        RouterError(code: .invalidPattern, description: "The route pattern \"\(pattern)\" is not valid: \(reason).")
    }

    static func otherNames(_ route: String, _ other: String) -> RouterError {
        RouterError(
            code: .conflict,
            description: """
                The routes "\(route)" and "\(other)" have the same paths: give their parameters the same names.
                """
        )
    }

    static func conflict(_ route: String, with other: String) -> RouterError {
        RouterError(
            code: .conflict,
            description:
                "The routes \"\(route)\" and \"\(other)\" answer the same requests: remove or change one of them."
        )
    }
}
