import CLibevent

/// A folder whose files can be sent, and beyond which no path leads.
///
/// It stays the same folder when its name is given to another one; make a new value then. It may be used from any thread.
public final class FileFolder: Sendable {
    let descriptor: Int32

    /// Opens a folder.
    ///
    /// - Parameter path: Where it is, on the disk.
    /// - Throws: ``FileError``: `notFound`, `notAllowed`, `notAFile` where it is no folder, or `system`, also where the
    ///   kernel is older than Linux 5.6 and cannot keep paths within a folder.
    public init(_ path: String) throws(FileError) {
        guard !path.utf8.contains(0) else { throw .notFound(path) }
        let folder = unsafe baton_open_folder(path)
        guard folder >= 0 else {
            let reason = baton_errno()
            throw reason == ENOTDIR ? .notAFile(path) : .opening(path, errno: reason)
        }
        // At once, rather than at the first request.
        let probe = unsafe baton_open_beneath(folder, ".", UInt64(O_RDONLY | O_CLOEXEC))
        guard probe >= 0 else {
            let reason = baton_errno()
            _ = close(folder)
            throw .opening(path, errno: reason)
        }
        _ = close(probe)
        descriptor = folder
    }

    deinit { _ = close(descriptor) }

    /// Whether a path within the folder is a folder, too.
    ///
    /// - Parameter path: The path within the folder.
    /// - Returns: `false` also for what does not exist, or leads out of it.
    public func hasFolder(_ path: String) -> Bool {
        guard !path.utf8.contains(0) else { return false }
        let found = unsafe baton_open_beneath(descriptor, path, UInt64(O_RDONLY | baton_o_directory | O_CLOEXEC))
        guard found >= 0 else { return false }
        _ = close(found)
        return true
    }
}
