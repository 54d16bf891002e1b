extension Connection {
    /// Reads what a trusted proxy says of the connection, before its first request.
    ///
    /// - Returns: Whether it is complete.
    func readProxyHeader() -> Bool {
        let input = input
        var offset = inputOffset
        do throws(ProxyRefusal) {
            guard let header = try ProxyHeader.read(input.span, at: &offset) else {
                guard hasInputEnded else { return false }
                // A proxy that only looks whether somebody listens is no mistake.
                if input.isEmpty { close() } else { refuse(.ended) }
                return false
            }
            inputOffset = offset
            awaitsProxyHeader = false
            if let source = header.source { return adopt(SocketAddress(source.ip, port: source.port)) }
            return true
        } catch {
            refuse(error)
            return false
        }
    }

    /// From now on the connection is a client's, and counts among the client's.
    private func adopt(_ client: SocketAddress) -> Bool {
        forwarding = Forwarding(client: client, proxies: server.configuration.proxies)
        guard let key = server.countedKey(of: client) else { return true }
        guard server.admits(key) else {
            close()
            return false
        }
        countedAs = key
        return true
    }

    func refuse(_ refusal: ProxyRefusal) {
        server.report(refusal, from: remoteAddress)
        close()
    }
}
