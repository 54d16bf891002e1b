extension ServerConfiguration {
    /// The reverse proxies in front of the server: who they are, and how they begin a connection.
    ///
    /// Everything that a proxy says about a client, the client could say itself. So it is believed from the addresses that are
    /// named here, and from nobody else. Which header fields of a request are, ``Request/believe(_:)`` says.
    public struct Proxies: Sendable, Equatable {
        /// Where the proxies are.
        public var trusted: [AddressRange] = []

        /// Whether the proxies begin each connection with the PROXY protocol, version 1 or 2.
        ///
        /// From a trusted address every connection must then begin so, and from all others none may: the protocol has no mark
        /// that a client could not send, so guessing is not allowed.
        public var sendProxyHeader = false

        /// No proxies.
        public init() {}

        /// Whether what an address says about its clients is believed.
        func trust(_ address: SocketAddress) -> Bool {
            // A loop: `contains(where:)` with a closure costs more, and this runs for each connection.
            for range in trusted where range.contains(address) { return true }
            return false
        }
    }
}
