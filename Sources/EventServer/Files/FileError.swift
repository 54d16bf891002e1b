/// A file could not be opened for a response.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for code that decides by it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// There is nothing of this name.
        public static let notFound = Code(description: "notFound")
        /// The server's user may not read the file, or not enter one of its folders.
        public static let notAllowed = Code(description: "notAllowed")
        /// What has the name is a folder, a pipe, a device, a socket, or a link that was not to be followed.
        public static let notAFile = Code(description: "notAFile")
        /// The system could not open the file, for a reason that may pass.
        public static let system = Code(description: "system")
    }

    /// What went wrong.
    public let code: Code

    /// What happened and what to do, in whole sentences; it has the path in it, and is for the log, not for the client.
    public let description: String

    static func notFound(_ path: String) -> FileError {
        FileError(
            code: .notFound,
            description: "There is no file \(path.debugDescription). Answer 404, or check the path."
        )
    }

    static func notAllowed(_ path: String) -> FileError {
        FileError(
            code: .notAllowed,
            description: """
                The server may not read \(path.debugDescription). Give its user the right to read the file and to enter its \
                folders, or answer 404.
                """
        )
    }

    static func notAFile(_ path: String) -> FileError {
        FileError(
            code: .notAFile,
            description: """
                \(path.debugDescription) is no regular file, and only such can be sent. Name a file that is neither a folder, \
                a pipe, a device nor a link that must not be followed.
                """
        )
    }
}
