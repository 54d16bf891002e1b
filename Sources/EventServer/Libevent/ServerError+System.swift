import CLibevent

extension ServerError {
    static func cannotListen(host: String, port: Int, errno: Int32) -> ServerError {
        let advice =
            switch errno {
            case EADDRINUSE: "Another process listens there: stop it, or choose another port (--port)."
            case EACCES:
                "Ports below 1024 need privileges: choose a higher one (--port), or grant CAP_NET_BIND_SERVICE."
            case EADDRNOTAVAIL: "The address is not one of this machine: choose another host (--host)."
            default: "Check host and port."
            }
        return ServerError(
            code: .cannotListen,
            description: "Cannot listen on \(host), port \(port): \(message(errno)). \(advice)"
        )
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
