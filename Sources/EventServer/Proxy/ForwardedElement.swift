/// One element of `Forwarded` (RFC 7239, section 4): what one proxy says of the request that it got.
struct ForwardedElement: Equatable, Sendable {
    /// Who sent the request to the proxy; `nil` where that is hidden (`unknown`, `_name`).
    var client: SocketAddress?
    /// `http` or `https`.
    var scheme: String?
    /// The host that was asked for, with its port where one was given.
    var authority: String?

    /// Reads an element such as `for="[2001:db8::1]:4711";proto=https`; `nil` where it is malformed.
    ///
    /// Blanks around `;` and an address with a port that is not in quotes are let pass, as proxies write both.
    init?(_ text: ArraySlice<UInt8>) {
        var rest = text
        var names: Set<String> = []
        while true {
            // Pairs may be empty.
            rest = rest.drop { $0 == ASCII.semicolon || $0 == ASCII.space || $0 == ASCII.tab }
            if rest.isEmpty { return }
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = String(decoding: rest[..<equals].map(ASCII.lowercased), as: UTF8.self)
            guard !name.isEmpty, rest[..<equals].allSatisfy(ASCII.isToken), names.insert(name).inserted else {
                return nil
            }
            rest = rest[(equals + 1)...]
            guard let value = Self.readValue(&rest) else { return nil }
            switch name {
            case "for": client = ForwardedNode.address(value[...])
            case "proto": scheme = ForwardedNode.scheme(value[...])
            case "host": authority = ForwardedNode.authority(value[...])
            default: break
            }
            rest = rest.trimmingBlanks()
            guard rest.isEmpty || rest.first == ASCII.semicolon else { return nil }
        }
    }

    /// A token, or a text in quotes without them.
    private static func readValue(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.first == UInt8(ascii: "\"") else {
            let value = rest.prefix { $0 > ASCII.space && $0 != ASCII.semicolon && $0 != UInt8(ascii: "\"") }
            rest = rest.dropFirst(value.count)
            return value.isEmpty ? nil : Array(value)
        }
        var value: [UInt8] = []
        var place = rest.startIndex + 1
        while place < rest.endIndex {
            var byte = rest[place]
            if byte == UInt8(ascii: "\"") {
                rest = rest[(place + 1)...]
                return value
            }
            if byte == UInt8(ascii: "\\") {
                place += 1
                guard place < rest.endIndex else { return nil }
                byte = rest[place]
            }
            value.append(byte)
            place += 1
        }
        return nil
    }
}

/// The values in what proxies say; `nil` for all that is none.
enum ForwardedNode {
    /// An address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `[::1]`, `[::1]:80`, and `::1` as `X-Forwarded-For` has it.
    static func address(_ text: ArraySlice<UInt8>) -> SocketAddress? {
        if let ip = IPAddress(figures: text) { return SocketAddress(ip, port: 0) }
        guard let colon = text.lastIndex(of: ASCII.colon) else {
            return bracketed(text).map { SocketAddress($0, port: 0) }
        }
        let host = text[..<colon]
        let port = ASCII.number(text[(colon + 1)...], upTo: 65_535).map(Int.init(truncatingIfNeeded:))
        // A port may be hidden, too (`_name`); whatever stands there instead of one spoils the whole.
        guard port != nil || text[(colon + 1)...].first == UInt8(ascii: "_") else {
            return bracketed(text).map { SocketAddress($0, port: 0) }
        }
        guard let ip = bracketed(host) ?? plainIPv4(host) else { return nil }
        return SocketAddress(ip, port: port ?? 0)
    }

    private static func bracketed(_ text: ArraySlice<UInt8>) -> IPAddress? {
        guard text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]"), text.contains(ASCII.colon) else {
            return nil
        }
        return IPAddress(figures: text.dropFirst().dropLast())
    }

    private static func plainIPv4(_ text: ArraySlice<UInt8>) -> IPAddress? {
        text.contains(ASCII.colon) ? nil : IPAddress(figures: text)
    }

    static func scheme(_ text: ArraySlice<UInt8>) -> String? {
        let name = String(decoding: text.map(ASCII.lowercased), as: UTF8.self)
        return name == "http" || name == "https" ? name : nil
    }

    static func authority(_ text: ArraySlice<UInt8>) -> String? {
        let bytes = Array(text)
        return bytes.isEmpty ? nil : try? RequestParser.readAuthority(bytes.span, 0..<bytes.count)
    }
}
