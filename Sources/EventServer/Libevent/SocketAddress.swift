import CLibevent

/// Where a socket is: an address and a port.
///
/// Copies share their storage, so that a request carries it for one word.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    private final class Storage: Sendable {
        let host: String
        let port: Int
        let isIPv6: Bool

        init(host: String, port: Int, isIPv6: Bool) {
            self.host = host
            self.port = port
            self.isIPv6 = isIPv6
        }
    }

    private let storage: Storage

    /// The address in figures, such as `127.0.0.1` or `::1`.
    public var host: String { storage.host }

    /// The port.
    public var port: Int { storage.port }

    /// Whether the address is of IP version 6.
    public var isIPv6: Bool { storage.isIPv6 }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool { isIPv6 ? host == "::1" : host.hasPrefix("127.") }

    /// Whether it stands for all addresses of the machine.
    public var isWildcard: Bool { host == "0.0.0.0" || host == "::" }

    /// The address as it stands in a URL: `127.0.0.1:8080`, `[::1]:8080`.
    public var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Reads an address that the system has filled in; `nil` for a family other than IP.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        let family = Int32(storage.ss_family)
        guard family == AF_INET || family == AF_INET6 else { return nil }
        var text = [UInt8](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let size = socklen_t(text.count)
        let port = unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe text.withUnsafeMutableBytes { text in
                let characters = unsafe text.baseAddress?.assumingMemoryBound(to: CChar.self)
                if family == AF_INET {
                    return unsafe pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                        var number = unsafe address.pointee.sin_addr
                        unsafe inet_ntop(AF_INET, &number, characters, size)
                        return unsafe UInt16(bigEndian: address.pointee.sin_port)
                    }
                }
                return unsafe pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                    var number = unsafe address.pointee.sin6_addr
                    unsafe inet_ntop(AF_INET6, &number, characters, size)
                    return unsafe UInt16(bigEndian: address.pointee.sin6_port)
                }
            }
        }
        self.storage = Storage(
            host: String(decoding: text.prefix { $0 != 0 }, as: UTF8.self),
            port: Int(port),
            isIPv6: family == AF_INET6
        )
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
