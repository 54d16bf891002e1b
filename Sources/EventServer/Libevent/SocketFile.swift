import CLibevent
import Synchronization

/// A file that was found at a path, known by its number: another one may stand there later.
final class SocketFile: Sendable {
    private let path: String
    private let device: UInt
    private let number: UInt
    let isSocket: Bool
    private let isRemoved = Atomic(false)

    /// Looks at what stands at a path, and follows no link; `nil` where nothing does.
    init?(_ path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        self.path = path
        device = UInt(status.st_dev)
        number = UInt(status.st_ino)
        // S_IFMT and S_IFSOCK.
        isSocket = status.st_mode & 0o170000 == 0o140000
    }

    /// Removes the file, once, and only where it still is the one that was found.
    ///
    /// A server that has taken the path over meanwhile keeps its socket.
    func remove() {
        guard isRemoved.exchange(true, ordering: .relaxed) == false else { return }
        guard let there = SocketFile(path), there.device == device, there.number == number else { return }
        unsafe unlink(path)
    }
}
