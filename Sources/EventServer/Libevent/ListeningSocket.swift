import CLibevent

/// A socket that connections arrive at.
///
/// Closed when dropped, and its file removed where it has one.
struct ListeningSocket: ~Copyable {
    /// What accepting came to.
    enum Acceptance {
        case connection(Socket, SocketAddress)
        /// Nobody waits any more.
        case none
        /// The process or the system is out of descriptors or memory: try again later.
        case exhausted
        /// The socket does not listen any more, since another process that has it has shut it down.
        case broken
    }

    let descriptor: Int32
    let address: SocketAddress
    /// The file of a Unix socket that was made here.
    let file: SocketFile?
    /// Whether all loops have this one socket, and not each one of its own.
    let isShared: Bool

    init(descriptor: Int32, address: SocketAddress, file: SocketFile? = nil, isShared: Bool) {
        self.descriptor = descriptor
        self.address = address
        self.file = file
        self.isShared = isShared
    }

    deinit {
        file?.remove()
        close(descriptor)
    }

    /// Takes one connection that waits.
    func accept() -> Acceptance {
        while true {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let descriptor = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    unsafe accept4(self.descriptor, address, &length, baton_sock_nonblock | baton_sock_cloexec)
                }
            }
            if descriptor >= 0 {
                let socket = Socket(descriptor: descriptor)
                // The client's end of a Unix socket has no name; the one that it came to says more than none.
                guard let peer = address.isUnix ? address : SocketAddress(storage) else { continue }
                return .connection(socket, peer)
            }
            switch baton_errno() {
            case EAGAIN, EWOULDBLOCK: return hasBeenShutDown ? .broken : .none
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
            case EBADF, EINVAL, ENOTSOCK: return .broken
            default: continue  // The connection was reset while it waited, or a signal came: on to the next one.
            }
        }
    }
}

extension ListeningSocket {
    /// Whether another process has shut down a Unix socket.
    ///
    /// Of those `accept` says only that nobody waits, while they are readable for ever. Of TCP it fails, and nothing needs to
    /// be asked.
    private var hasBeenShutDown: Bool {
        guard isShared, address.isUnix else { return false }
        var request = pollfd(fd: descriptor, events: baton_pollrdhup, revents: 0)
        guard unsafe poll(&request, 1, 0) > 0 else { return false }
        return Int32(request.revents) & (Int32(baton_pollrdhup) | POLLHUP) != 0
    }
}

/// A listening socket in a place that needs a reference to it.
final class SharedListeningSocket: Sendable {
    let socket: ListeningSocket

    init(_ socket: consuming ListeningSocket) { self.socket = socket }

    var address: SocketAddress { socket.address }
}

/// A system call on the way to a listening socket failed.
struct ListenFailure: Error {
    let errno: Int32

    /// Whether the machine has no such address, or no such kind of addresses.
    var isAbsentAddress: Bool { errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT }
    var isTaken: Bool { errno == EADDRINUSE }
}

extension ListeningSocket {
    /// Opens a socket, and gives it an address.
    ///
    /// - Parameters:
    ///   - storage: The address.
    ///   - length: How long the address is.
    ///   - options: Set on the socket before it has its address, each to the number.
    ///   - backlog: How many connections may wait.
    ///   - afterBinding: What has to happen before the first client can come.
    /// - Returns: The descriptor, and the address that it has.
    /// - Throws: ``ListenFailure``; nothing is open then.
    static func open(
        at storage: sockaddr_storage,
        length: socklen_t,
        options: [(level: Int32, name: Int32, value: Int32)],
        backlog: Int32,
        afterBinding: () throws(ListenFailure) -> Void = {}
    ) throws(ListenFailure) -> (descriptor: Int32, address: SocketAddress) {
        let kind = baton_sock_stream | baton_sock_nonblock | baton_sock_cloexec
        let descriptor = socket(Int32(storage.ss_family), kind, 0)
        guard descriptor >= 0 else { throw ListenFailure(errno: baton_errno()) }
        do throws(ListenFailure) {
            for option in options {
                var value = option.value
                unsafe setsockopt(descriptor, option.level, option.name, &value, socklen_t(MemoryLayout<Int32>.size))
            }
            var storage = storage
            let status = unsafe withUnsafePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe baton_bind(descriptor, $0, length)
                }
            }
            guard status == 0 else { throw ListenFailure(errno: baton_errno()) }
            try afterBinding()
            guard listen(descriptor, backlog) == 0, let address = address(of: descriptor) else {
                throw ListenFailure(errno: baton_errno())
            }
            return (descriptor, address)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// The address that a socket of this process has; `nil` where it is none, or of another kind than IP and Unix.
    static func address(of descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe baton_getsockname(descriptor, $0, &length)
            }
        }
        return status == 0 ? SocketAddress(storage, length: Int(length)) : nil
    }
}
