import CLibevent

/// A socket that connections arrive at.
///
/// Closed when dropped.
struct ListeningSocket: ~Copyable {
    /// What accepting came to.
    enum Acceptance {
        case connection(Socket, SocketAddress)
        /// Nobody waits any more.
        case none
        /// The process or the system is out of descriptors or memory: try again later.
        case exhausted
    }

    let descriptor: Int32
    let address: SocketAddress

    deinit { close(descriptor) }

    /// Opens one socket for each loop, all at the same address, so that the kernel deals connections out to them.
    ///
    /// - Parameters:
    ///   - host: A name or an address.
    ///   - port: The port; with 0 the system picks a free one.
    ///   - backlog: How many connections may wait to be accepted, for each socket.
    ///   - count: How many sockets.
    /// - Returns: The sockets.
    /// - Throws: ``ServerError``: `cannotListen`, `cannotResolve` or `system`.
    static func open(host: String, port: Int, backlog: Int, count: Int) throws(ServerError) -> [SharedListeningSocket] {
        guard (0...65_535).contains(port) else { throw .noPort(port) }
        var candidate = try resolve(host: host, port: port)
        // With SO_REUSEPORT a second server on the same port would start without a word and take half of the
        // connections. A first socket without it finds out whether the port is taken.
        do {
            let probe = try ListeningSocket(bindingTo: candidate, host: host, port: port, isShared: false, backlog: 1)
            candidate.setPort(probe.address.port)
        }
        var sockets: [SharedListeningSocket] = []
        for _ in 0..<count {
            let socket = try ListeningSocket(
                bindingTo: candidate,
                host: host,
                port: port,
                isShared: true,
                backlog: Int32(clamping: backlog)
            )
            sockets.append(SharedListeningSocket(socket))
        }
        return sockets
    }

    private init(
        bindingTo candidate: Candidate,
        host: String,
        port: Int,
        isShared: Bool,
        backlog: Int32
    ) throws(ServerError) {
        let kind = baton_sock_stream | baton_sock_nonblock | baton_sock_cloexec
        let descriptor = socket(Int32(candidate.storage.ss_family), kind, 0)
        guard descriptor >= 0 else { throw .system("socket", errno: baton_errno()) }
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        if isShared { unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, size) }
        // Inherited by every connection: a small response must not wait for the acknowledgement of the one before.
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        var storage = candidate.storage
        var length = candidate.length
        let status = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe baton_bind(descriptor, address, length) == 0, listen(descriptor, backlog) == 0 else {
                    return baton_errno()
                }
                return unsafe baton_getsockname(descriptor, address, &length) == 0 ? 0 : baton_errno()
            }
        }
        guard status == 0, let bound = SocketAddress(storage) else {
            close(descriptor)
            throw .cannotListen(host: host, port: port, errno: status)
        }
        self.descriptor = descriptor
        address = bound
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
                guard let peer = SocketAddress(storage) else { continue }
                return .connection(socket, peer)
            }
            switch baton_errno() {
            case EAGAIN, EWOULDBLOCK: return .none
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
            default: continue  // The connection was reset while it waited, or a signal came: on to the next one.
            }
        }
    }
}

/// A listening socket in a place that needs a reference to it.
final class SharedListeningSocket: Sendable {
    let socket: ListeningSocket

    init(_ socket: consuming ListeningSocket) { self.socket = socket }
}

extension ListeningSocket {
    /// An address that can be bound to.
    private struct Candidate {
        var storage: sockaddr_storage
        var length: socklen_t

        mutating func setPort(_ port: Int) {
            let port = UInt16(truncatingIfNeeded: port).bigEndian
            unsafe withUnsafeMutablePointer(to: &storage) { pointer in
                // The port stands at the same place in both families.
                unsafe pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    unsafe $0.pointee.sin_port = port
                }
            }
        }
    }

    private static func resolve(host: String, port: Int) throws(ServerError) -> Candidate {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = baton_sock_stream
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &list)
        defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
        guard status == 0, let first = unsafe list?.pointee, let address = unsafe first.ai_addr else {
            throw .cannotResolve(host: host, reason: unsafe String(cString: gai_strerror(status)))
        }
        var storage = sockaddr_storage()
        let length = unsafe first.ai_addrlen
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
        }
        return Candidate(storage: storage, length: length)
    }
}
