import CLibevent

extension ServerError {
    static func cannotListen(host: String, port: Int, errno: Int32) -> ServerError {
        let advice =
            switch errno {
            case EADDRINUSE:
                "Another process listens there: stop it, or choose another port (--port, or in server.listen)."
            case EACCES:
                "Ports below 1024 need privileges: choose a higher one (--port), or grant CAP_NET_BIND_SERVICE."
            case EADDRNOTAVAIL:
                "The address is not one of this machine: choose another host (--host, or in server.listen)."
            case EAFNOSUPPORT:
                """
                This machine has no addresses of that kind: without IPv6, choose 127.0.0.1 for itself alone or 0.0.0.0 \
                for everybody.
                """
            default: "Check host and port."
            }
        return ServerError(
            code: .cannotListen,
            description: "Cannot listen on \(host), port \(port): \(message(errno)). \(advice)"
        )
    }

    static func cannotListen(path: String, errno: Int32) -> ServerError {
        let advice =
            switch errno {
            case EADDRINUSE: "Another process listens there: stop it, or choose another path."
            case ENOENT, ENOTDIR: "Its folder does not exist: create it, or choose another path."
            case EACCES, EPERM, EROFS:
                "This process may not write there: choose another path, or change the folder's owner."
            default: "Check the path."
            }
        return cannotListen(at: .unix(path: path), "\(message(errno)). \(advice)")
    }

    static func system(_ call: String, errno: Int32) -> ServerError {
        ServerError(
            code: .system,
            description: """
                The system refused \(call): \(message(errno)). Look at the limits on descriptors, threads and memory \
                (ulimit -a, or those of the container).
                """
        )
    }

    private static func message(_ errno: Int32) -> String {
        guard let text = unsafe strerror(errno) else { return "error \(errno)" }
        return unsafe String(cString: text)
    }
}
