extension ServerError {
    static func noListenAddress(_ text: String, _ advice: String) -> ServerError {
        ServerError(code: .invalidAddress, description: "\"\(text)\" is no address to listen at. \(advice)")
    }

    static func noRange(_ text: String) -> ServerError {
        ServerError(
            code: .invalidAddress,
            description: """
                "\(text)" is no address or range. Write one like 192.0.2.7, 10.0.0.0/8, ::1 or fd00::/8, or unix for all \
                Unix sockets.
                """
        )
    }

    static func rangeBeginsElsewhere(_ text: String, _ range: String) -> ServerError {
        let address = text.prefix { $0 != "/" }
        return ServerError(
            code: .invalidAddress,
            description:
                "\"\(text)\" is not how its range begins. Write \(range) for the range, or \(address) for one address."
        )
    }

    static func pathTooLong(_ path: String, limit: Int) -> ServerError {
        cannotListen(
            at: .unix(path: path),
            "a socket's path has at most \(limit) bytes, and this one \(path.utf8.count). Choose a shorter one."
        )
    }

    static func noSocketFile(_ path: String) -> ServerError {
        cannotListen(
            at: .unix(path: path),
            "what stands there is no socket, and is not touched. Choose another path, or move it away."
        )
    }

    static func noInheritedSocket(_ name: String?, left: [String], absence: String?) -> ServerError {
        let reason =
            if let absence {
                absence
            } else if left.isEmpty {
                "all inherited sockets are in use already"
            } else {
                "the names of those that are left are \(left.map { "\"\($0)\"" }.joined(separator: ", "))"
            }
        return cannotListen(
            at: .inherited(name: name),
            """
            no such socket was handed down: \(reason). Start Baton by a systemd socket unit (ListenStream=, and \
            FileDescriptorName= for a name), or take this address out of server.listen.
            """
        )
    }

    static func noListeningSocket(descriptor: Int32, name: String) -> ServerError {
        cannotListen(
            at: .inherited(name: name.isEmpty ? nil : name),
            """
            descriptor \(descriptor) is no stream socket that listens. In a systemd socket unit it needs ListenStream= \
            and Accept=no.
            """
        )
    }

    /// An error about one address of several.
    static func cannotListen(at address: ListenAddress, _ reason: String) -> ServerError {
        ServerError(code: .cannotListen, description: "Cannot listen on \(address): \(reason)")
    }
}
