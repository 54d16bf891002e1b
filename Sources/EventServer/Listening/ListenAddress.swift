/// A place to listen at.
public enum ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A port of a name or an address of this machine; every address of the name is listened on. The host `*` is everybody,
    /// over IPv6 and IPv4.
    case tcp(host: String, port: Int)
    /// A socket in the file system.
    case unix(path: String)
    /// Sockets that were open when the process began (`LISTEN_FDS`): those with a name, or all that are left.
    case inherited(name: String?)

    /// Reads an address.
    ///
    /// - Parameter text: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, `*:8080`, `unix:/run/baton.sock`, `inherited` or
    ///   `inherited:NAME`.
    /// - Throws: ``ServerError`` with the code `invalidAddress`, and what to write instead.
    public init(_ text: String) throws(ServerError) {
        if text == "inherited" {
            self = .inherited(name: nil)
        } else if let name = text.rest(after: "inherited:") {
            guard !name.isEmpty else {
                throw .noListenAddress(text, "The name is missing: inherited:NAME, or inherited.")
            }
            self = .inherited(name: name)
        } else if let path = text.rest(after: "unix:") {
            guard !path.isEmpty, !path.utf8.contains(0) else {
                throw .noListenAddress(text, "The path is missing: unix:/run/baton.sock.")
            }
            self = .unix(path: path)
        } else {
            self = try Self.readTCP(text)
        }
    }

    private static func readTCP(_ text: String) throws(ServerError) -> ListenAddress {
        guard !text.contains(where: { $0.isWhitespace || $0 == "/" }) else {
            throw .noListenAddress(
                text,
                "Write HOST:PORT without a scheme or a path, such as 127.0.0.1:8080, or unix:PATH."
            )
        }
        if text.first == "[", text.last == "]" { throw .noListenAddress(text, "A port is missing: \(text):8080.") }
        guard let colon = text.lastIndex(of: ":") else {
            throw .noListenAddress(text, "A port is missing: \(IPAddress(text) == nil ? text : "127.0.0.1"):8080.")
        }
        var host = text[..<colon]
        let figures = text[text.index(after: colon)...]
        if IPAddress(text)?.isIPv6 == true {
            throw .noListenAddress(text, "An IPv6 address stands in brackets and has a port: [\(text)]:8080.")
        }
        guard let port = ASCII.number(Array(figures.utf8)[...], upTo: 65_535) else {
            throw .noListenAddress(text, "\"\(figures)\" is no port: choose one from 0 to 65535.")
        }
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
            // A zone says by which network card a link-local address is meant.
            guard IPAddress(host.prefix { $0 != "%" })?.isIPv6 == true else {
                throw .noListenAddress(text, "What stands in brackets is no IPv6 address.")
            }
        } else if host.contains(":") || host.contains("[") || host.contains("]") {
            throw .noListenAddress(text, "An IPv6 address stands in brackets: [::1]:\(port).")
        }
        guard !host.isEmpty else {
            throw .noListenAddress(
                text,
                "The host is missing: 127.0.0.1:\(port) for this machine alone, *:\(port) for everybody."
            )
        }
        return .tcp(host: String(host), port: Int(truncatingIfNeeded: port))
    }

    /// The address as it is written.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        case .inherited(let name): name.map { "inherited:\($0)" } ?? "inherited"
        }
    }

    /// Whether it is sure, before anything is opened, that nobody outside of this machine can connect.
    ///
    /// Of an inherited socket it is not known.
    public var isLocal: Bool {
        switch self {
        case .tcp(let host, _): host == "localhost" || IPAddress(host)?.isLoopback == true
        case .unix: true
        case .inherited: false
        }
    }
}

extension String {
    fileprivate func rest(after prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
