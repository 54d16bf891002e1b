import Glibc

/// Sends one and the same request over one connection, and allocates nothing for it.
final class ProbeClient {
    struct Failure: Error {
        let call: String
    }

    private let socket: Int32
    private let request: [UInt8]
    private var buffer = [UInt8](repeating: 0, count: 4096)
    /// Of each response; they differ in nothing but figures.
    private var size = 0

    init(port: Int, _ request: [UInt8] = Array("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)) throws {
        self.request = request
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw Failure(call: "socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let status = unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe connect(
                socket,
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count)
            )
        }
        guard status == 0 else { throw Failure(call: "connect") }
        try send()
        size = try receive()
        guard buffer.starts(with: "HTTP/1.1 200 ".utf8) else { throw Failure(call: "the first request") }
    }

    deinit { close(socket) }

    /// One request after the other, each when the response to the one before is there.
    func ask(times count: Int) throws {
        for _ in 0..<count {
            try send()
            var left = size
            while left > 0 { left -= try receive() }
        }
    }

    private func send() throws {
        // The socket blocks: it takes all, however much that is.
        let count = unsafe request.withUnsafeBytes { unsafe Glibc.send(socket, $0.baseAddress, $0.count, 0) }
        guard count == request.count else { throw Failure(call: "send") }
    }

    private func receive() throws -> Int {
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { throw Failure(call: "recv") }
        return count
    }
}
