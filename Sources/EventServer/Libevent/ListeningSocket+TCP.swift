import CLibevent

extension ListeningSocket {
    /// Opens one socket for each address and loop, so that the kernel deals connections out to the loops.
    ///
    /// A name may have several addresses. Those that the machine has not, such as `::1` where IPv6 is off, are passed over as
    /// long as there is another one.
    ///
    /// - Parameters:
    ///   - host: A name or an address; `*` is everybody, over IPv6 where the machine has it, and IPv4.
    ///   - port: The port; with 0 the system picks a free one, the same for all addresses of the name.
    ///   - isIPv6Alone: Whether `::` leaves IPv4 to another socket.
    ///   - backlog: How many connections may wait to be accepted, for each socket.
    ///   - count: How many loops there are.
    /// - Returns: The sockets of each address.
    /// - Throws: ``ServerError``: `cannotListen`, `cannotResolve` or `system`.
    static func openTCP(
        host: String,
        port: Int,
        isIPv6Alone: Bool = false,
        backlog: Int,
        count: Int
    ) throws(ServerError) -> [[SharedListeningSocket]] {
        guard (0...65_535).contains(port) else { throw .noPort(port) }
        let candidates = try host == "*" ? resolve("::") : resolve(host)
        let backlog = Int32(clamping: backlog)
        // A port that is free at one address may be taken at the next: then another one is picked.
        for attempt in 1... {
            do throws(ListenFailure) {
                return try open(candidates, port, isIPv6Alone: isIPv6Alone, backlog: backlog, count: count)
            } catch {
                if host == "*", error.isAbsentAddress {
                    return try openTCP(host: "0.0.0.0", port: port, backlog: Int(backlog), count: count)
                }
                guard port == 0, error.isTaken, candidates.count > 1, attempt < 16 else {
                    throw .cannotListen(host: host, port: port, errno: error.errno)
                }
            }
        }
        return []
    }

    private static func open(
        _ candidates: [Candidate],
        _ wish: Int,
        isIPv6Alone: Bool,
        backlog: Int32,
        count: Int
    ) throws(ListenFailure) -> [[SharedListeningSocket]] {
        var port = wish
        var opened: [[SharedListeningSocket]] = []
        var absent: ListenFailure?
        for var candidate in candidates {
            candidate.setPort(port)
            // With SO_REUSEPORT a second server on the same port would start without a word and take half of the
            // connections. A first socket without it finds out whether the port is taken.
            do throws(ListenFailure) {
                let probe = try open(candidate, isShared: false, isIPv6Alone: isIPv6Alone, backlog: 1)
                port = probe.address.port
            } catch {
                guard error.isAbsentAddress else { throw error }
                absent = error
                continue
            }
            candidate.setPort(port)
            var sockets: [SharedListeningSocket] = []
            for _ in 0..<count {
                let socket = try open(candidate, isShared: true, isIPv6Alone: isIPv6Alone, backlog: backlog)
                sockets.append(SharedListeningSocket(socket))
            }
            opened.append(sockets)
        }
        if let absent, opened.isEmpty { throw absent }
        return opened
    }

    private static func open(
        _ candidate: Candidate,
        isShared: Bool,
        isIPv6Alone: Bool,
        backlog: Int32
    ) throws(ListenFailure) -> ListeningSocket {
        var options: [(level: Int32, name: Int32, value: Int32)] = [
            (SOL_SOCKET, SO_REUSEADDR, 1),
            // Inherited by every connection: a small response must not wait for the acknowledgement of the one before.
            (Int32(IPPROTO_TCP), TCP_NODELAY, 1),
        ]
        if isShared { options.append((SOL_SOCKET, SO_REUSEPORT, 1)) }
        if Int32(candidate.storage.ss_family) == AF_INET6 {
            // Said in any case, since the system's default is a setting (net.ipv6.bindv6only).
            options.append((Int32(IPPROTO_IPV6), IPV6_V6ONLY, isIPv6Alone ? 1 : 0))
        }
        let (descriptor, address) = try open(
            at: candidate.storage,
            length: candidate.length,
            options: options,
            backlog: backlog
        )
        return ListeningSocket(descriptor: descriptor, address: address, isShared: false)
    }

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

    private static func resolve(_ host: String) throws(ServerError) -> [Candidate] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = baton_sock_stream
        unsafe hints.ai_flags = AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, nil, &hints, &list)
        defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
        var candidates: [Candidate] = []
        var known: Set<SocketAddress> = []
        var next = unsafe status == 0 ? list : nil
        while let entry = unsafe next?.pointee {
            unsafe next = entry.ai_next
            guard let address = unsafe entry.ai_addr else { continue }
            var storage = sockaddr_storage()
            let length = unsafe min(entry.ai_addrlen, socklen_t(MemoryLayout<sockaddr_storage>.size))
            unsafe withUnsafeMutableBytes(of: &storage) { bytes in
                unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
            }
            guard let name = SocketAddress(storage), known.insert(name).inserted else { continue }
            candidates.append(Candidate(storage: storage, length: length))
        }
        guard !candidates.isEmpty else {
            throw .cannotResolve(host: host, reason: unsafe String(cString: gai_strerror(status)))
        }
        return candidates
    }
}
