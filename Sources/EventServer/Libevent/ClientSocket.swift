import CLibevent

/// A client's end of a connection, for tests: sends one message, and receives until the other side closes.
package enum ClientSocket {
    /// What went wrong.
    package enum Failure: Error, Sendable {
        /// Nobody listens there; the number is that of the system.
        case connecting(errno: Int32)
        /// Neither could anything be sent nor did anything come for that many milliseconds.
        case silence(milliseconds: Int32)
    }

    /// Connects, sends, and receives to the end; it blocks its thread.
    ///
    /// It sends and receives at the same time: who sends all of a body first may wait for a server that waits for its client to
    /// take the answer.
    ///
    /// - Parameters:
    ///   - message: What to send.
    ///   - address: Where to.
    ///   - patience: For how many milliseconds nothing may happen.
    /// - Returns: All that came until the connection ended, in order or not.
    /// - Throws: ``Failure``.
    @available(*, noasync, message: "It blocks its thread: call it on one of your own.")
    package static func exchange(
        _ message: [UInt8],
        with address: SocketAddress,
        patience: Int32
    ) throws(Failure) -> [UInt8] {
        let socket = try connect(to: address)
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var sent = 0
        while true {
            let wantsToSend = sent < message.count
            let wanted = Int16(wantsToSend ? POLLIN | POLLOUT : POLLIN)
            var request = pollfd(fd: socket.descriptor, events: wanted, revents: 0)
            let ready = unsafe poll(&request, 1, patience)
            if ready == 0 { throw .silence(milliseconds: patience) }
            // Interrupted by a signal.
            guard ready > 0 else { continue }
            let events = Int32(request.revents)
            if wantsToSend, events & POLLOUT != 0 {
                switch socket.send(message, from: sent) {
                case .bytes(let count): sent += count
                case .wouldBlock: break
                // What the server had to say before it closed is still there.
                case .ended, .failed: sent = message.count
                }
            }
            guard events & (POLLIN | POLLHUP | POLLERR) != 0 else { continue }
            switch socket.receive(into: &buffer) {
            case .bytes(let count): received += buffer[..<count]
            case .wouldBlock: break
            case .ended, .failed: return received
            }
        }
    }

    private static func connect(to address: SocketAddress) throws(Failure) -> Socket {
        guard let ip = address.ip, !ip.isIPv6 else { throw .connecting(errno: EAFNOSUPPORT) }
        let flags = baton_sock_stream | baton_sock_cloexec
        let socket = Socket(descriptor: CLibevent.socket(AF_INET, flags, 0))
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = in_port_t(truncatingIfNeeded: address.port).bigEndian
        // Tests talk to this machine alone.
        target.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &target) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe baton_connect(socket.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw .connecting(errno: baton_errno()) }
        guard baton_make_own(socket.descriptor) == 0 else { throw .connecting(errno: baton_errno()) }
        return socket
    }
}
