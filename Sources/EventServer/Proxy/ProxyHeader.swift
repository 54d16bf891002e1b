/// What a proxy says of a connection before its first byte: the PROXY protocol of HAProxy, versions 1 and 2
/// (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt).
///
/// Reads bytes and knows no socket. It is strict, as the specification demands, and takes nothing else in its place.
struct ProxyHeader: Equatable, Sendable {
    /// An address of IP, and a port.
    struct Endpoint: Equatable, Sendable {
        let ip: IPAddress
        let port: Int
    }

    /// The client; `nil` where the proxy speaks for itself (a health check), or its client has no address of IP.
    let source: Endpoint?

    /// Reads the header at `offset`.
    ///
    /// - Parameters:
    ///   - input: All bytes that have arrived.
    ///   - offset: Where the header begins; moved past it when it is complete.
    /// - Returns: The header; `nil` where more bytes are needed.
    /// - Throws: ``ProxyRefusal`` as soon as the bytes cannot become a header.
    static func read(_ input: Span<UInt8>, at offset: inout Int) throws(ProxyRefusal) -> ProxyHeader? {
        guard offset < input.count else { return nil }
        if input[offset] == signature[0] { return try readBinary(input, at: &offset) }
        return try readLine(input, at: &offset)
    }

    /// Whether the bytes at `offset` begin with `mark`; `nil` where there are too few to tell.
    static func begins(_ input: Span<UInt8>, at offset: Int, with mark: [UInt8]) throws(ProxyRefusal) -> Bool {
        let count = min(mark.count, input.count - offset)
        for index in 0..<count where input[offset + index] != mark[index] { throw .missing }
        return count == mark.count
    }

    /// What a header of version 2 begins with: no request of any protocol does.
    static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
}
