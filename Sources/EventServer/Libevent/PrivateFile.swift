import CLibevent

/// Files that only the process's own user can open.
///
/// Foundation creates files readable for others and narrows them afterwards, or takes over one that is there already.
package enum PrivateFile {
    /// Creates a file that was not there, for its owner alone, and opens it for writing.
    ///
    /// - Parameter path: The path; nothing may stand there, not even a link.
    /// - Returns: The descriptor, which the caller closes.
    /// - Throws: ``ServerError`` with the code `system`.
    package static func create(_ path: String) throws(ServerError) -> Int32 {
        let descriptor = unsafe baton_create_private_file(path)
        guard descriptor >= 0 else { throw .system("open of \(path)", errno: baton_errno()) }
        return descriptor
    }
}
