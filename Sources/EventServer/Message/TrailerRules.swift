import HTTPTypes

/// Which fields may stand behind a body (RFC 9110, section 6.5.1).
enum TrailerRules {
    /// Fields that frame, route, authenticate, control or describe a message have to come before its content.
    private static let forbidden: Set<String> = [
        "transfer-encoding", "content-length", "host", "connection", "keep-alive", "te", "trailer", "upgrade",
        "cache-control", "expect", "max-forwards", "pragma", "range", "age", "expires", "date", "location",
        "retry-after", "vary", "warning", "authorization", "proxy-authorization", "www-authenticate",
        "proxy-authenticate", "cookie", "set-cookie", "content-encoding", "content-type", "content-range", "if-match",
        "if-none-match",
        "if-modified-since", "if-unmodified-since", "if-range",
    ]

    static func check(_ trailers: ResponseFields) throws(ResponseFault) {
        for field in trailers {
            guard !forbidden.contains(field.name.canonicalName) else { throw .trailer(field.name.rawName) }
            guard ResponseFields.isRight(field.value) else { throw .value(field.name.rawName) }
        }
    }
}
