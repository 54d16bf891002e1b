/// An address of the Internet Protocol, version 4 or 6.
///
/// An IPv4 address in the clothes of IPv6 (`::ffff:1.2.3.4`, RFC 4291, section 2.5.5.2), which a dual-stack socket reports for
/// its IPv4 clients, becomes the IPv4 address that it is: ranges, counts and logs would see two clients otherwise.
struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    let isIPv6: Bool
    /// The first eight bytes of an IPv6 address.
    let high: UInt64
    /// The rest of an IPv6 address, or an IPv4 address.
    let low: UInt64

    private init(isIPv6: Bool, high: UInt64, low: UInt64) {
        self.isIPv6 = isIPv6
        self.high = high
        self.low = low
    }

    /// Creates an address of version 4.
    init(v4: UInt32) { self.init(isIPv6: false, high: 0, low: UInt64(v4)) }

    /// Creates an address of version 6, or the one of version 4 that it stands for.
    init(high: UInt64, low: UInt64) {
        if high == 0, low >> 32 == 0xFFFF {
            self.init(v4: UInt32(truncatingIfNeeded: low))
        } else {
            self.init(isIPv6: true, high: high, low: low)
        }
    }

    /// Reads 4 or 16 bytes in the order of the network; `nil` for another count.
    init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for byte in bytes {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte)
        }
        if bytes.count == 4 { self.init(v4: UInt32(truncatingIfNeeded: low)) } else { self.init(high: high, low: low) }
    }

    static let loopback = IPAddress(high: 0, low: 1)

    /// Whether only this machine can be there.
    var isLoopback: Bool { isIPv6 ? self == .loopback : low >> 24 == 127 }

    /// Whether it stands for all addresses of a machine.
    var isWildcard: Bool { high == 0 && low == 0 }

    /// The address in figures, IPv6 as RFC 5952 wants it: small letters, no leading zeros, the longest run of zeros as `::`.
    var description: String {
        guard isIPv6 else { return "\(low >> 24).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)" }
        let groups = groups
        let zeros = Self.longestZeros(in: groups)
        guard zeros.count > 1 else { return groups.map(Self.hexadecimal).joined(separator: ":") }
        let front = groups[..<zeros.lowerBound].map(Self.hexadecimal).joined(separator: ":")
        let back = groups[zeros.upperBound...].map(Self.hexadecimal).joined(separator: ":")
        return "\(front)::\(back)"
    }

    private var groups: [UInt64] {
        [48, 32, 16, 0].map { high >> $0 & 0xFFFF } + [48, 32, 16, 0].map { low >> $0 & 0xFFFF }
    }

    private static func hexadecimal(_ group: UInt64) -> String { String(group, radix: 16) }

    private static func longestZeros(in groups: [UInt64]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for index in groups.indices {
            if groups[index] != 0 {
                start = index + 1
            } else if index + 1 - start > longest.count {
                longest = start..<(index + 1)
            }
        }
        return longest
    }
}
