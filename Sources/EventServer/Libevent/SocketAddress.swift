import CLibevent

/// Where a socket is: an address and a port, or a path.
///
/// Copies share their storage, so that a request carries it for one word.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    private final class Storage: Sendable {
        let host: String
        let port: Int
        /// `nil` for a Unix socket.
        let ip: IPAddress?

        init(host: String, port: Int, ip: IPAddress?) {
            self.host = host
            self.port = port
            self.ip = ip
        }
    }

    private let storage: Storage

    /// The address in figures, such as `127.0.0.1` or `::1`; `unix:` and a path for a Unix socket.
    ///
    /// An IPv4 client of a socket for both versions has its IPv4 address, without `::ffff:`.
    public var host: String { storage.host }

    /// The port; 0 for a Unix socket, and where a proxy named an address alone.
    public var port: Int { storage.port }

    /// Whether the address is of IP version 6.
    public var isIPv6: Bool { storage.ip?.isIPv6 == true }

    /// Whether it is a socket in the file system.
    public var isUnix: Bool { storage.ip == nil }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool { storage.ip?.isLoopback ?? true }

    /// Whether it stands for all addresses of the machine.
    public var isWildcard: Bool { storage.ip?.isWildcard == true }

    /// The address as it stands in a URL, `127.0.0.1:8080` or `[::1]:8080`, or `unix:/run/baton.sock`.
    public var description: String {
        let name = isIPv6 ? "[\(host)]" : host
        return port == 0 ? name : "\(name):\(port)"
    }

    var ip: IPAddress? { storage.ip }

    init(_ ip: IPAddress, port: Int) { storage = Storage(host: ip.description, port: port, ip: ip) }

    init(path: String) { storage = Storage(host: "unix:\(path)", port: 0, ip: nil) }

    /// Reads an address that the system has filled in; `nil` for a family other than IP and Unix.
    ///
    /// - Parameters:
    ///   - storage: The address.
    ///   - length: How much of it the system has filled in, which for a Unix socket is where its path ends.
    init?(_ storage: sockaddr_storage, length: Int = MemoryLayout<sockaddr_storage>.size) {
        let bytes = unsafe withUnsafeBytes(of: storage) { unsafe [UInt8]($0) }
        // Both families of IP begin with two bytes of family and two of port; that of IPv6 goes on with four of flow label.
        let port = Int(bytes[2]) << 8 | Int(bytes[3])
        switch Int32(storage.ss_family) {
        case AF_INET:
            guard let ip = IPAddress(bytes: bytes[4..<8]) else { return nil }
            self.init(ip, port: port)
        case AF_INET6:
            guard let ip = IPAddress(bytes: bytes[8..<24]) else { return nil }
            self.init(ip, port: port)
        case AF_UNIX:
            // A client's socket has no name as a rule, and then its address ends behind the family.
            self.init(
                path: String(decoding: bytes[2..<max(2, min(length, bytes.count))].prefix { $0 != 0 }, as: UTF8.self)
            )
        default:
            return nil
        }
    }

    /// Whether two addresses have the same host and port.
    ///
    /// - Parameters:
    ///   - left: An address.
    ///   - right: Another one.
    /// - Returns: Whether they are the same.
    public static func == (left: SocketAddress, right: SocketAddress) -> Bool {
        left.port == right.port && left.host == right.host
    }

    /// Hashes host and port.
    ///
    /// - Parameter hasher: What they go into.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(host)
        hasher.combine(port)
    }
}
