/// A place to listen at.
public enum ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A port of a name or an address of this machine; every address of the name is listened on. The host `*` is everybody,
    /// over IPv6 and IPv4.
    case tcp(host: String, port: Int)
    /// A socket in the file system.
    case unix(path: String)
    /// Sockets that were open when the process began (`LISTEN_FDS`): those with a name, or all that are left.
    case inherited(name: String?)

    /// How many bytes a path may have (unix(7): 108, less the zero at its end).
    static let pathLimit = 107

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
            guard path.utf8.count <= Self.pathLimit else {
                throw .noListenAddress(
                    text,
                    "A path has at most \(Self.pathLimit) bytes, and this one \(path.utf8.count): choose a shorter one."
                )
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
        guard let colon = text.lastIndex(of: ":") else { throw .noListenAddress(text, adviceWithoutColon(text)) }
        var host = text[..<colon]
        let figures = text[text.index(after: colon)...]
        let number = ASCII.number(Array(figures.utf8)[...], upTo: 65_535)
        if number != nil, isIPv6(host) {
            throw .noListenAddress(text, "An IPv6 address stands in brackets: [\(host)]:\(figures).")
        }
        if isIPv6(text[...]) {
            throw .noListenAddress(text, "An IPv6 address stands in brackets and has a port: [\(text)]:8080.")
        }
        guard let port = number else {
            throw .noListenAddress(text, "\"\(figures)\" is no port: choose one from 0 to 65535.")
        }
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
            guard isIPv6(host) else {
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

    private static func adviceWithoutColon(_ text: String) -> String {
        switch text {
        case "": "Write HOST:PORT, such as 127.0.0.1:8080, or unix:PATH, or inherited."
        case "unix": "The path is missing: unix:/run/baton.sock."
        case _ where text.allSatisfy({ ("0"..."9").contains($0) }):
            "The host is missing: 127.0.0.1:\(text) for this machine alone, *:\(text) for everybody."
        default: "A port is missing: \(text):8080."
        }
    }

    /// A zone says by which network card a link-local address is meant.
    private static func isIPv6(_ host: Substring) -> Bool { IPAddress(host.prefix { $0 != "%" })?.isIPv6 == true }

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
