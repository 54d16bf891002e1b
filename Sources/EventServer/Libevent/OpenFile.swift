import CLibevent

/// A regular file that is open for reading.
///
/// It stays open, whatever becomes of its name, for as long as somebody holds it: a response does until it is sent.
final class OpenFile: Sendable {
    /// A moment as file systems have it, since 1970.
    struct Time: Sendable, Hashable {
        var seconds: Int
        var nanoseconds: Int
    }

    let descriptor: Int32
    /// In bytes, when the file was opened.
    let size: Int
    let inode: UInt64
    /// When the content was changed; whoever owns the file can set it at will.
    let modificationTime: Time
    /// When content or attributes were changed; the system sets it, and nobody else can.
    let changeTime: Time

    /// Opens a file.
    ///
    /// It never waits for the other end of a pipe, but it may wait for a disk.
    ///
    /// - Parameters:
    ///   - path: The path; not changed in any way.
    ///   - followsLink: Whether the last part of the path may be a symbolic link. Those before it may be in any case.
    /// - Throws: ``FileError``.
    convenience init(_ path: String, followsLink: Bool = true) throws(FileError) {
        // The system would read such a name up to the zero only, and open another file than the one that was checked.
        guard !path.utf8.contains(0) else { throw .notFound(path) }
        let flags = Self.flags | (followsLink ? 0 : O_NOFOLLOW)
        try self.init(descriptor: unsafe baton_open(path, flags), path)
    }

    /// Opens a file in a folder, and none outside of it, whatever the path and the links in the folder say.
    ///
    /// - Parameters:
    ///   - path: The path within the folder; not changed in any way.
    ///   - folder: The folder.
    /// - Throws: ``FileError``; a path that leads out of the folder finds nothing.
    convenience init(_ path: String, in folder: FileFolder) throws(FileError) {
        guard !path.utf8.contains(0) else { throw .notFound(path) }
        let descriptor = unsafe baton_open_beneath(folder.descriptor, path, UInt64(Self.flags))
        try self.init(descriptor: descriptor, path)
    }

    // Without O_NONBLOCK the opening of a pipe waits for somebody who writes; files know no such thing.
    private static let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY

    private init(descriptor: Int32, _ path: String) throws(FileError) {
        guard descriptor >= 0 else { throw .opening(path, errno: baton_errno()) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let reason = baton_errno()
            _ = close(descriptor)
            throw .opening(path, errno: reason)
        }
        guard Int32(bitPattern: status.st_mode) & S_IFMT == S_IFREG else {
            _ = close(descriptor)
            throw .notAFile(path)
        }
        self.descriptor = descriptor
        size = max(0, Int(status.st_size))
        inode = UInt64(status.st_ino)
        modificationTime = Time(status.st_mtim)
        changeTime = Time(status.st_ctim)
    }

    deinit { _ = close(descriptor) }
}

extension OpenFile.Time {
    fileprivate init(_ time: timespec) { self.init(seconds: Int(time.tv_sec), nanoseconds: Int(time.tv_nsec)) }
}

extension FileError {
    static func opening(_ path: String, errno: Int32) -> FileError {
        switch errno {
        // EXDEV is for what leads out of a folder.
        case ENOENT, ENOTDIR, ENAMETOOLONG, EXDEV: .notFound(path)
        case EACCES, EPERM: .notAllowed(path)
        // The two of O_NOFOLLOW on a link, or of links in a circle, and of a socket or a device without a driver.
        case ELOOP, ENXIO, ENODEV: .notAFile(path)
        default:
            FileError(
                code: .system,
                description: """
                    The system could not open \(path.debugDescription): \(message(errno)). Answer 503, and look at the \
                    limit on descriptors (ulimit -n) and at the disk.
                    """
            )
        }
    }

    private static func message(_ errno: Int32) -> String {
        guard let text = unsafe strerror(errno) else { return "error \(errno)" }
        return unsafe String(cString: text)
    }
}
