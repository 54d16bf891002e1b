/// Why a connection of a trusted proxy was closed before its first request.
///
/// Like those of requests the codes never change. Only the log tells them: to a proxy that speaks otherwise than agreed there
/// is nobody to send a response to.
struct ProxyRefusal: Error, Sendable, Hashable {
    let code: String
    let reason: String

    static let missing = Self(
        code: "PROXY-MISSING",
        reason: """
            The connection does not begin with the PROXY protocol. Let the proxy send it (HAProxy: send-proxy; nginx: \
            proxy_protocol on), or set server.proxies.sendProxyHeader to false.
            """
    )
    static let line = Self(code: "PROXY-LINE", reason: "The line of version 1 is malformed.")
    static let lineTooLong = Self(code: "PROXY-LINE-LONG", reason: "The line of version 1 is longer than 107 bytes.")
    static let address = Self(code: "PROXY-ADDRESS", reason: "An address or a port of version 1 is malformed.")
    static let version = Self(code: "PROXY-VERSION", reason: "The version is not 2, or the command is unknown.")
    static let family = Self(
        code: "PROXY-FAMILY",
        reason: "The address family or the transport of version 2 is unknown."
    )
    static let length = Self(code: "PROXY-LENGTH", reason: "The header of version 2 is shorter than its addresses.")
    static let tooLong = Self(code: "PROXY-LONG", reason: "The header of version 2 is longer than 4096 bytes.")
    static let extra = Self(code: "PROXY-TLV", reason: "The additional fields of version 2 do not fit their header.")
    static let checksum = Self(code: "PROXY-CHECKSUM", reason: "The checksum of version 2 is wrong.")
    static let timeout = Self(code: "PROXY-TIMEOUT", reason: "The header of the PROXY protocol did not arrive in time.")
    static let ended = Self(
        code: "PROXY-ENDED",
        reason: "The connection ended within the header of the PROXY protocol."
    )
}
