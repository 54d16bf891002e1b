/// All listening sockets of a server.
struct Listeners: Sendable {
    /// The addresses, with ports in figures.
    private(set) var addresses: [SocketAddress] = []
    /// The sockets of each loop, one for each address.
    private(set) var loops: [[SharedListeningSocket]]

    /// Opens what a configuration names; all or nothing.
    ///
    /// - Parameters:
    ///   - configuration: The addresses, and how to listen there.
    ///   - loops: How many loops there are.
    ///   - inherited: The sockets that were handed down.
    /// - Throws: ``ServerError``: `cannotListen`, `cannotResolve` or `system`.
    init(
        _ configuration: ServerConfiguration,
        loops: Int,
        inherited: InheritedSockets = .ofProcess
    ) throws(ServerError) {
        self.loops = Array(repeating: [], count: loops)
        let wanted = configuration.addresses
        for address in wanted {
            switch address {
            case .tcp(let host, let port):
                let opened = try ListeningSocket.openTCP(
                    host: host,
                    port: port,
                    isIPv6Alone: Self.isIPv4Named(for: port, in: wanted),
                    backlog: configuration.backlog,
                    count: loops
                )
                for sockets in opened { add(sockets) }
            case .unix(let path):
                let mode = configuration.socketMode
                add(try ListeningSocket.openUnix(path: path, mode: mode, backlog: configuration.backlog))
            case .inherited(let name):
                for socket in try inherited.take(name) { add(socket) }
            }
        }
    }

    /// Whether the list has an IPv4 address for a port, which `::` at the same port must leave alone.
    private static func isIPv4Named(for port: Int, in addresses: [ListenAddress]) -> Bool {
        guard port != 0 else { return false }
        return addresses.contains { address in
            if case .tcp(let host, port) = address { IPAddress(host)?.isIPv6 == false } else { false }
        }
    }

    private mutating func add(_ sockets: [SharedListeningSocket]) {
        guard let first = sockets.first else { return }
        addresses.append(first.socket.address)
        for (index, socket) in sockets.enumerated() { loops[index].append(socket) }
    }

    private mutating func add(_ socket: SharedListeningSocket) {
        add(Array(repeating: socket, count: loops.count))
    }
}
