import CLibevent

extension ListeningSocket {
    /// Opens a socket in the file system, which all loops share.
    ///
    /// The kernel deals connections out to several sockets of one address only for IP. Loops that share one are all woken by
    /// a connection, and the first gets it: a loop that is busy takes none, which dealing them out from one loop would not give.
    ///
    /// - Parameters:
    ///   - path: Where; a socket file that nobody listens at any more is replaced.
    ///   - mode: Who may connect, as permissions of the file.
    ///   - backlog: How many connections may wait.
    /// - Returns: The socket.
    /// - Throws: ``ServerError`` with the code `cannotListen`.
    static func openUnix(path: String, mode: UInt32, backlog: Int) throws(ServerError) -> SharedListeningSocket {
        guard let (storage, length) = unixAddress(path) else {
            throw .pathTooLong(path, limit: ListenAddress.pathLimit)
        }
        try clear(path, storage, length)
        do throws(ListenFailure) {
            let (descriptor, address) = try open(
                at: storage,
                length: length,
                options: [],
                backlog: Int32(clamping: backlog)
            ) { () throws(ListenFailure) in
                // Nobody can connect before the socket listens, so nobody slips in under the permissions of the umask.
                guard unsafe chmod(path, mode) == 0 else { throw ListenFailure(errno: baton_errno()) }
            }
            return SharedListeningSocket(
                ListeningSocket(descriptor: descriptor, address: address, file: SocketFile(path), isShared: true)
            )
        } catch {
            throw .cannotListen(path: path, errno: error.errno)
        }
    }

    static func unixAddress(_ path: String) -> (sockaddr_storage, socklen_t)? {
        let bytes = Array(path.utf8)
        guard bytes.count <= ListenAddress.pathLimit else { return nil }
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &storage) { storage in
            // Behind the family, which takes two bytes.
            for (offset, byte) in bytes.enumerated() { unsafe storage[2 + offset] = byte }
        }
        return (storage, socklen_t(3 + bytes.count))
    }

    /// Sees to it that nothing is at the path: removes a socket that nobody listens at, and nothing else.
    private static func clear(_ path: String, _ storage: sockaddr_storage, _ length: socklen_t) throws(ServerError) {
        guard let found = SocketFile(path) else { return }
        guard found.isSocket else { throw .noSocketFile(path) }
        let probe = socket(AF_UNIX, baton_sock_stream | baton_sock_nonblock | baton_sock_cloexec, 0)
        guard probe >= 0 else { throw .cannotListen(path: path, errno: baton_errno()) }
        defer { close(probe) }
        var storage = storage
        let status = unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe baton_connect(probe, $0, length) }
        }
        let error = status == 0 ? 0 : baton_errno()
        switch error {
        case ECONNREFUSED: found.remove()
        case ENOENT: break
        // Also somebody whose queue is full.
        case 0, EAGAIN, EINPROGRESS: throw .cannotListen(path: path, errno: EADDRINUSE)
        default: throw .cannotListen(path: path, errno: error)
        }
    }
}
