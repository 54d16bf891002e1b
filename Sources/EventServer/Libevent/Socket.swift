import CLibevent

/// A connected, non-blocking stream socket of one loop.
final class Socket {
    /// What a system call on the socket came to.
    enum Transfer {
        case bytes(Int)
        case wouldBlock
        /// The other side will send no more; it may still listen.
        case ended
        /// The other side is gone.
        case failed
    }

    let descriptor: Int32
    private var isOpen = true

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close() }

    /// Closes the socket, once; nothing may be called afterwards.
    func close() {
        guard isOpen else { return }
        isOpen = false
        _ = CLibevent.close(descriptor)
    }

    /// Receives what is there, at most as much as `buffer` holds, into its beginning.
    func receive(into buffer: inout [UInt8]) -> Transfer {
        let count = unsafe buffer.withUnsafeMutableBytes { buffer in
            unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
        }
        return Self.transfer(count)
    }

    /// Receives what is there, at most `limit` bytes, into an array of its own.
    func receive(atMost limit: Int) -> (bytes: [UInt8], Transfer) {
        var count = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, initializedCount in
            count = unsafe recv(descriptor, buffer.baseAddress, limit, 0)
            initializedCount = max(0, count)
        }
        let transfer = Self.transfer(count)
        // A few bytes shall not hold the room for many, for as long as nobody takes them.
        return (bytes.count < limit / 2 ? bytes.span.bytes(in: 0..<bytes.count) : bytes, transfer)
    }

    private static func transfer(_ count: Int) -> Transfer {
        if count > 0 { return .bytes(count) }
        if count == 0 { return .ended }
        return isTransient(baton_errno()) ? .wouldBlock : .failed
    }

    /// Sends from `bytes`, beginning at `offset`, as much as the system takes at once.
    func send(_ bytes: [UInt8], from offset: Int) -> Transfer {
        let count = unsafe bytes.withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
            // No SIGPIPE: a client that leaves is no reason to end the process.
            return unsafe CLibevent.send(descriptor, rest.baseAddress, rest.count, baton_msg_nosignal)
        }
        if count >= 0 { return .bytes(count) }
        return Self.isTransient(baton_errno()) ? .wouldBlock : .failed
    }

    /// Lets the other side see a failure when the socket is closed, instead of an orderly end.
    func resetAtClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Says that nothing more will be sent; what was sent still arrives.
    func finishSending() { shutdown(descriptor, baton_shut_wr) }

    /// How the other side stands to the connection.
    enum Standing {
        case connected
        /// It sends no more; whether it still listens is not known.
        case halfClosed
        case gone
    }

    var standing: Standing {
        var request = pollfd(fd: descriptor, events: baton_pollrdhup, revents: 0)
        guard unsafe poll(&request, 1, 0) > 0 else { return .connected }
        let events = Int32(request.revents)
        if events & (POLLERR | POLLHUP | POLLNVAL) != 0 { return .gone }
        return events & Int32(baton_pollrdhup) != 0 ? .halfClosed : .connected
    }

    /// How many of the bytes that were sent the other side has not confirmed.
    var unacknowledgedCount: Int {
        var count: Int32 = 0
        return unsafe baton_unacknowledged(descriptor, &count) == 0 ? Int(count) : 0
    }

    static func isTransient(_ error: Int32) -> Bool {
        error == EAGAIN || error == EWOULDBLOCK || error == EINTR
    }
}
