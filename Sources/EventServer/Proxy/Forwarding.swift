/// What the connection of a trusted proxy knows of clients; a connection of anybody else has none.
final class Forwarding: Sendable {
    /// Whom the PROXY protocol names, else the proxy itself.
    let client: SocketAddress
    private let proxies: ServerConfiguration.Proxies

    init(client: SocketAddress, proxies: ServerConfiguration.Proxies) {
        self.client = client
        self.proxies = proxies
    }

    /// Who asks, as far as it can be believed.
    ///
    /// What a proxy says is believed where the proxy is trusted, so the walk goes from the nearest one outwards, and ends at the
    /// first address that is not, or at one that cannot be read: that is as far as anybody can vouch.
    func origin(of head: RequestHead) -> ForwardedElement {
        var origin = ForwardedElement(client: client)
        guard let fields = head.believed, proxies.trust(client) else { return origin }
        switch fields {
        case .forwarded: followForwarded(head, &origin)
        case .xForwarded: followXForwarded(head, &origin)
        }
        return origin
    }

    private func followForwarded(_ head: RequestHead, _ origin: inout ForwardedElement) {
        for text in ForwardedElements(head.values(of: "forwarded")) {
            guard let element = ForwardedElement(text) else { return }
            // Of several proxies the outermost knows best what the client asked for.
            if let scheme = element.scheme { origin.scheme = scheme }
            if let authority = element.authority { origin.authority = authority }
            guard let client = element.client else { return }
            origin.client = client
            guard proxies.trust(client) else { return }
        }
    }

    private func followXForwarded(_ head: RequestHead, _ origin: inout ForwardedElement) {
        var proxyCount = 1
        for (index, text) in ForwardedElements(head.values(of: "x-forwarded-for")).enumerated() {
            proxyCount = index + 1
            guard let client = ForwardedNode.address(text) else { break }
            origin.client = client
            guard proxies.trust(client) else { break }
        }
        origin.scheme = last(proxyCount, of: head.values(of: "x-forwarded-proto")).flatMap(ForwardedNode.scheme)
        origin.authority = last(proxyCount, of: head.values(of: "x-forwarded-host")).flatMap(ForwardedNode.authority)
    }

    /// The outermost element that one of the trusted proxies has written: some append to the list, some replace it.
    private func last(_ proxyCount: Int, of values: [String]) -> ArraySlice<UInt8>? {
        var found: ArraySlice<UInt8>?
        for element in ForwardedElements(values).prefix(proxyCount) { found = element }
        return found
    }
}

extension ForwardedElement {
    fileprivate init(client: SocketAddress) { self.client = client }
}
