extension ProxyHeader {
    private static let mark = Array("PROXY ".utf8)
    /// The longest line that the specification knows, its end included.
    private static let lineLimit = 107

    /// Version 1: `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443` and CRLF.
    static func readLine(_ input: Span<UInt8>, at offset: inout Int) throws(ProxyRefusal) -> ProxyHeader? {
        guard try begins(input, at: offset, with: mark) else { return nil }
        let limit = min(input.count, offset + lineLimit)
        var end = offset + mark.count
        while end < limit, input[end] != ASCII.lineFeed { end += 1 }
        guard end < limit else {
            guard end - offset < lineLimit else { throw .lineTooLong }
            return nil
        }
        guard input[end - 1] == ASCII.carriageReturn else { throw .line }
        let header = try readWords(input.bytes(in: (offset + mark.count)..<(end - 1)))
        offset = end + 1
        return header
    }

    private static func readWords(_ line: [UInt8]) throws(ProxyRefusal) -> ProxyHeader {
        let words = line.split(separator: ASCII.space, omittingEmptySubsequences: false)
        guard let kind = words.first else { throw .line }
        // What follows is to be ignored, whatever it is.
        if kind.elementsEqual("UNKNOWN".utf8) { return ProxyHeader(source: nil) }
        let isIPv6 = kind.elementsEqual("TCP6".utf8)
        guard isIPv6 || kind.elementsEqual("TCP4".utf8), words.count == 5 else { throw .line }
        let source = try readAddress(words[1], isIPv6: isIPv6)
        _ = try readAddress(words[2], isIPv6: isIPv6)
        guard let port = ASCII.number(words[3], upTo: 65_535), ASCII.number(words[4], upTo: 65_535) != nil else {
            throw .address
        }
        return ProxyHeader(source: Endpoint(ip: source, port: Int(truncatingIfNeeded: port)))
    }

    private static func readAddress(_ text: ArraySlice<UInt8>, isIPv6: Bool) throws(ProxyRefusal) -> IPAddress {
        // By its spelling: an IPv4 address in the clothes of IPv6 is announced as TCP6.
        guard text.contains(ASCII.colon) == isIPv6, let address = IPAddress(figures: text) else { throw .address }
        return address
    }
}
