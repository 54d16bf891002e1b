extension ServerConfiguration {
    /// The reverse proxies in front of the server, and what is believed of them.
    ///
    /// Everything that a proxy says about a client, the client could say itself. So it is believed from the addresses that are
    /// named here, and from nobody else.
    public struct Proxies: Sendable, Equatable {
        /// The header fields in which a proxy says for whom it asks.
        public enum Fields: String, Sendable, CaseIterable {
            /// None is read.
            case none
            /// `Forwarded` (RFC 7239).
            case forwarded
            /// `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`.
            case xForwarded = "x-forwarded"
        }

        /// Where the proxies are.
        public var trusted: [AddressRange] = []

        /// Whether the proxies begin each connection with the PROXY protocol, version 1 or 2.
        ///
        /// From a trusted address every connection must then begin so, and from all others none may: the protocol has no mark
        /// that a client could not send, so guessing is not allowed.
        public var sendProxyHeader = false

        /// The fields that the proxies set.
        ///
        /// It is one kind, and not whichever is there: a proxy that sets one kind passes the other one on as the client sent it.
        public var fields = Fields.none

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
