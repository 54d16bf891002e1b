extension Request {
    /// Who really asked, as far as that can be believed: the client before the proxies, else ``remoteAddress``.
    ///
    /// The PROXY protocol names it where the connection began with that (`server.proxies`); header fields do where somebody has
    /// said ``believe(_:)``. It is worked out at each call; keep it where it is needed more than once.
    public var clientAddress: SocketAddress {
        guard let forwarding else { return remoteAddress }
        return forwarding.origin(of: head).client ?? forwarding.client
    }

    /// The scheme that the client used, `http` or `https`, as trusted proxies tell; `http` where none does, or none is believed.
    public var clientScheme: String { forwarding?.origin(of: head).scheme ?? "http" }

    /// The host that the client asked for, with its port where one was given, as trusted proxies tell; else ``authority``.
    public var clientAuthority: String { forwarding?.origin(of: head).authority ?? authority }

    /// From now on the client of this request is whom these fields name, as far as the proxies are trusted that have set them.
    ///
    /// For middleware: `proxy-headers` says so. All copies of the request share it, so that logs and jobs know the client, too; who
    /// has asked before was told of the proxy. Said again, the last word counts. It changes nothing where the connection is not
    /// that of a trusted proxy.
    ///
    /// - Parameter fields: Those that the proxies set.
    public func believe(_ fields: ForwardedFields) {
        if forwarding != nil { head.believed = fields }
    }
}
