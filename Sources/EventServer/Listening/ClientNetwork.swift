/// Whose requests are counted together: those of an IPv4 address, or of the first 64 bits of an IPv6 address.
///
/// A network of 64 bits is what one customer gets at least; counting single addresses would limit nobody.
public struct ClientNetwork: Hashable, Sendable, CustomStringConvertible {
    private let network: IPAddress

    /// The network of an address; `nil` for a Unix socket, whose clients have no addresses.
    ///
    /// - Parameter address: The address of a client.
    public init?(_ address: SocketAddress) {
        guard let ip = address.ip else { return nil }
        network = ip.isIPv6 ? ip.masked(to: 64) : ip
    }

    /// The address, or the network with its length, as `2001:db8:1:2::/64`.
    public var description: String { network.isIPv6 ? "\(network)/64" : "\(network)" }
}
