import HTTPTypes

/// An origin as browsers write it into `Origin`: scheme, host and port, without a path (RFC 6454, section 6.2).
struct WebOrigin: Sendable {
    let text: String

    /// - Parameters:
    ///   - text: The origin, as an operator writes it.
    ///   - key: The option that it stands in, for the error.
    /// - Throws: ``OptionsError`` for what no browser sends: it would never match.
    init(_ text: String, key: String) throws(OptionsError) {
        guard let authority = Self.authority(of: text), !authority.isEmpty, text == text.lowercased(),
            authority.utf8.allSatisfy({
                (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "*")
            })
        else {
            throw OptionsError(
                key: key,
                "\"\(text)\" is not an origin: write scheme and host in small letters, and no path, as in https://shop.example."
            )
        }
        self.text = text
    }

    /// Host and port of an origin; `nil` where it has none, as `null`.
    static func authority(of origin: String) -> String? {
        guard let colon = origin.firstIndex(of: ":"), origin[colon...].hasPrefix("://") else { return nil }
        return String(origin[colon...].dropFirst(3))
    }
}
