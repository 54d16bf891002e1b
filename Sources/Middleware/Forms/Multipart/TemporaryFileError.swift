/// A temporary file could not be made, written, read or moved.
public struct TemporaryFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for code that decides by it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// The system refused to create, write or read the file.
        public static let system = Code(description: "system")
        /// The file was moved, so that it is no longer this one's to read or move.
        public static let moved = Code(description: "moved")
        /// It could not be moved to the place: there is something, or there is no such folder.
        public static let cannotMove = Code(description: "cannotMove")
    }

    /// What went wrong.
    public let code: Code

    /// What happened and what to do, in sentences.
    public let description: String

    static func system(_ action: String, _ path: String, _ error: any Error) -> TemporaryFileError {
        TemporaryFileError(
            code: .system,
            description: """
                Cannot \(action) the temporary file \(path): \(error). Look at the space and the permissions of its folder, or \
                name another folder.
                """
        )
    }

    static let moved = TemporaryFileError(
        code: .moved,
        description: "The temporary file has been moved: use the file at its new place."
    )

    static func cannotMove(to path: String, _ error: any Error) -> TemporaryFileError {
        TemporaryFileError(
            code: .cannotMove,
            description: """
                Cannot move the temporary file to \(path): \(error). Its folder must be there, and the name must be free.
                """
        )
    }
}
