/// Addresses that are treated alike: one, a range such as `10.0.0.0/8`, or all that come over Unix sockets.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    private enum Content: Hashable {
        case ip(IPAddress, prefix: Int)
        case unix
    }

    private let content: Content

    /// Everybody who comes over a Unix socket.
    public static let unix = AddressRange(content: .unix)

    private init(content: Content) { self.content = content }

    /// Reads an address, a range or the word `unix`.
    ///
    /// - Parameter text: Such as `10.0.0.0/8`, `::1`, `fd00::/8` or `unix`.
    /// - Throws: ``ServerError`` with the code `invalidAddress`, and what was probably meant.
    public init(_ text: String) throws(ServerError) {
        guard text != "unix" else {
            self = .unix
            return
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress($0) }) else { throw .noRange(text) }
        let width = address.isIPv6 ? 128 : 32
        guard parts.count == 2 else {
            content = .ip(address, prefix: width)
            return
        }
        guard
            let prefix = ASCII.number(Array(parts[1].utf8)[...], upTo: UInt64(width)).map(Int.init(truncatingIfNeeded:))
        else { throw .noRange(text) }
        let first = address.masked(to: prefix)
        // Somebody who writes 10.1.2.3/8 meant either one address or sixteen million, and trust hangs on which.
        guard first == address else { throw .rangeBeginsElsewhere(text, "\(first)/\(prefix)") }
        content = .ip(address, prefix: prefix)
    }

    /// The range as it is written.
    public var description: String {
        switch content {
        case .unix: "unix"
        case .ip(let address, let prefix): prefix == (address.isIPv6 ? 128 : 32) ? "\(address)" : "\(address)/\(prefix)"
        }
    }

    /// Whether a socket's address lies in the range.
    ///
    /// - Parameter address: The address; its port does not matter.
    /// - Returns: Whether it does.
    public func contains(_ address: SocketAddress) -> Bool {
        switch content {
        case .unix: address.isUnix
        case .ip(let first, let prefix):
            address.ip.map { $0.isIPv6 == first.isIPv6 && $0.masked(to: prefix) == first } ?? false
        }
    }
}

extension IPAddress {
    /// The first address of the network that this address is in.
    func masked(to prefix: Int) -> IPAddress {
        guard isIPv6 else { return IPAddress(v4: UInt32(truncatingIfNeeded: low & Self.mask(prefix + 32))) }
        return IPAddress(high: high & Self.mask(prefix), low: low & Self.mask(prefix - 64))
    }

    /// The first bits of 64; shifts by 64 and more give 0, as Swift's smart shifts do.
    private static func mask(_ bits: Int) -> UInt64 { bits <= 0 ? 0 : ~0 << UInt64(max(0, 64 - bits)) }
}
