extension Request {
    /// Who really asked: the client before the proxies, where those are trusted (`server.proxies`), else ``remoteAddress``.
    ///
    /// It is worked out at each call; keep it where it is needed more than once.
    public var clientAddress: SocketAddress {
        guard let forwarding else { return remoteAddress }
        return forwarding.origin(of: head).client ?? forwarding.client
    }

    /// The scheme that the client used, `http` or `https`, as trusted proxies tell; `http` where none does.
    public var clientScheme: String { forwarding?.origin(of: head).scheme ?? "http" }

    /// The host that the client asked for, with its port where one was given, as trusted proxies tell; else ``authority``.
    public var clientAuthority: String { forwarding?.origin(of: head).authority ?? authority }
}
