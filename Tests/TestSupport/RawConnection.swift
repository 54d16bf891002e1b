import Foundation
import Glibc

/// A client's end of a TCP connection, byte for byte: what a well-behaved client library would never send, this one does.
///
/// Its calls block, with an end after 50 seconds: use it inside ``onThread(_:)``.
public final class RawConnection {
    /// A call on the connection failed.
    public struct Failure: Error, CustomStringConvertible {
        /// What failed.
        public let description: String

        /// Creates a failure.
        ///
        /// - Parameter description: What failed.
        public init(description: String) { self.description = description }
    }

    private let descriptor: Int32
    private var unread: [UInt8] = []

    /// Connects to a port of this machine.
    ///
    /// - Parameters:
    ///   - port: The port.
    ///   - source: The last number of this end's address, 127.0.0.x, for a client that is another one to the server.
    ///   - receiveBuffer: The size of the socket's receive buffer, for a client that takes little; the system's own where it
    ///     is `nil`.
    ///   - sendsAtOnce: Whether what is sent in pieces shall arrive in pieces, and not wait for the acknowledgement of the
    ///     piece before.
    /// - Throws: ``Failure``.
    public init(port: Int, source: UInt8? = nil, receiveBuffer: Int32? = nil, sendsAtOnce: Bool = false) throws {
        descriptor = Self.open(AF_INET)
        if sendsAtOnce {
            var isOn: Int32 = 1
            unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        }
        if var receiveBuffer {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        if let source {
            address.sin_addr.s_addr = (UInt32(0x7F00_0000) | UInt32(source)).bigEndian
            try Self.check("bind", unsafe Self.with(&address) { unsafe bind(descriptor, $0, $1) })
        }
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        try Self.check("connect", unsafe Self.with(&address) { unsafe connect(descriptor, $0, $1) })
    }

    /// Connects to a port of this machine over IPv6.
    ///
    /// - Parameter port: The port at `::1`.
    /// - Throws: ``Failure``.
    public init(portOverIPv6 port: Int) throws {
        descriptor = Self.open(AF_INET6)
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = in_port_t(port).bigEndian
        address.sin6_addr = in6addr_loopback
        try Self.check("connect", unsafe Self.with(&address) { unsafe connect(descriptor, $0, $1) })
    }

    /// Connects to a Unix socket.
    ///
    /// - Parameter path: Where it is.
    /// - Throws: ``Failure``.
    public init(path: String) throws {
        descriptor = Self.open(AF_UNIX)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            for (index, byte) in path.utf8.enumerated() { unsafe target[index] = byte }
        }
        try Self.check("connect", unsafe Self.with(&address) { unsafe connect(descriptor, $0, $1) })
    }

    private static func open(_ family: Int32) -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 50, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
        return descriptor
    }

    private static func with<Address>(
        _ address: inout Address,
        _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe call($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    private static func check(_ call: String, _ status: Int32) throws(Failure) {
        guard status == 0 else { throw Failure(description: "\(call): errno \(errno)") }
    }

    deinit { close(descriptor) }

    /// Sends bytes.
    ///
    /// - Parameter bytes: What to send.
    /// - Throws: ``Failure`` where the other side is gone.
    public func send(_ bytes: some Collection<UInt8>) throws {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "send: errno \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends a text.
    ///
    /// - Parameter text: What to send.
    /// - Throws: ``Failure`` where the other side is gone.
    public func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Says that nothing more will be sent, and goes on listening.
    public func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes the connection rudely, so that the other side gets a reset.
    public func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        // The descriptor itself is closed by `deinit`; disconnecting sends the reset now.
        var nobody = sockaddr()
        nobody.sa_family = sa_family_t(AF_UNSPEC)
        unsafe connect(descriptor, &nobody, socklen_t(MemoryLayout<sockaddr>.size))
    }

    /// Receives what comes next.
    ///
    /// - Returns: Some bytes; none at the end of the connection.
    /// - Throws: ``Failure`` where nothing comes in time, or the connection was reset.
    public func receive() throws -> [UInt8] {
        if !unread.isEmpty {
            defer { unread = [] }
            return unread
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw Failure(description: "recv: errno \(errno)") }
        return Array(buffer.prefix(count))
    }

    /// Receives until the other side closes.
    ///
    /// - Returns: All bytes, as text.
    /// - Throws: ``Failure`` where the end does not come in time.
    public func receiveToEnd() throws -> String {
        var bytes: [UInt8] = []
        while true {
            let more = try receive()
            guard !more.isEmpty else { return String(decoding: bytes, as: UTF8.self) }
            bytes += more
        }
    }

    /// Receives until a text has come, and keeps what stands behind it for the next call.
    ///
    /// - Parameter end: The text.
    /// - Returns: Everything up to its end.
    /// - Throws: ``Failure`` where it does not come.
    public func receive(until end: String) throws -> String {
        var bytes: [UInt8] = []
        while true {
            if let range = String(decoding: bytes, as: UTF8.self).range(of: end) {
                let text = String(String(decoding: bytes, as: UTF8.self)[..<range.upperBound])
                unread = Array(bytes.dropFirst(text.utf8.count))
                return text
            }
            let more = try receive()
            guard !more.isEmpty else {
                throw Failure(description: "the connection ended within: \(String(decoding: bytes, as: UTF8.self))")
            }
            bytes += more
        }
    }

    /// Receives one response whose body has a `Content-Length`, or none.
    ///
    /// - Parameter isHead: Whether it answers HEAD, so that no body follows.
    /// - Returns: The response.
    /// - Throws: ``Failure`` where it does not come whole.
    public func receiveResponse(toHead isHead: Bool = false) throws -> RawResponse {
        var bytes: [UInt8] = []
        while true {
            if let (response, count) = RawResponse.parse(bytes, isHead: isHead) {
                unread = Array(bytes[count...])
                return response
            }
            let more = try receive()
            guard !more.isEmpty else {
                throw Failure(description: "the connection ended within: \(String(decoding: bytes, as: UTF8.self))")
            }
            bytes += more
        }
    }

    /// Sends over and over what the other side takes.
    ///
    /// - Parameters:
    ///   - bytes: What to send, again and again.
    ///   - limit: After how many bytes to give up.
    ///   - patience: How many milliseconds without any progress mean that the other side takes no more.
    /// - Returns: How many bytes were taken.
    public func flood(_ bytes: [UInt8], limit: Int, patience: Int32) -> Int {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        var total = 0
        while total < limit {
            let start = total % bytes.count
            let count = unsafe bytes.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
                return unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, flags)
            }
            if count > 0 {
                total += count
            } else if errno != EAGAIN || !isReady(for: POLLOUT, within: patience) {
                break
            }
        }
        return total
    }

    /// Waits until the other side has closed the connection.
    ///
    /// - Parameter milliseconds: How long at most.
    /// - Returns: Whether it has.
    public func isClosed(within milliseconds: Int32) -> Bool {
        // POLLRDHUP, which the headers show only with _GNU_SOURCE.
        isReady(for: 0x2000, within: milliseconds)
    }

    /// Waits until the other side has reset the connection.
    ///
    /// - Parameter milliseconds: How long at most.
    /// - Returns: Whether it has.
    public func isReset(within milliseconds: Int32) -> Bool {
        // Without any other event to wait for, only what is always reported comes.
        isReady(for: 0, within: milliseconds)
    }

    private func isReady(for events: Int32, within milliseconds: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return unsafe poll(&request, 1, milliseconds) > 0
    }
}
