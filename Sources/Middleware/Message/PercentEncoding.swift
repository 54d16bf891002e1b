import EventServer

/// Percent-encoding (RFC 3986, section 2.1), and that of forms, where `+` stands for a blank.
enum PercentEncoding {
    /// The text without its encoding; `nil` where a `%` is not followed by two hexadecimal digits, or the bytes are not
    /// UTF-8.
    static func decode(_ text: Substring, plusIsBlank: Bool = false) -> String? {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(ASCII.hexDigit),
                    let low = rest.popFirst().flatMap(ASCII.hexDigit)
                else { return nil }
                bytes.append(UInt8(truncatingIfNeeded: high << 4 | low))
            case UInt8(ascii: "+") where plusIsBlank:
                bytes.append(UInt8(ascii: " "))
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The text with everything encoded but what never needs it (RFC 3986, section 2.3).
    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { encoded, byte in
            if isUnreserved(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded.append("%")
                encoded.append(digits[Int(byte >> 4)])
                encoded.append(digits[Int(byte & 15)])
            }
        }
    }

    /// Whether an unreserved character is encoded in a text that can be decoded.
    static func encodesUnreserved(_ text: Substring) -> Bool {
        // Nothing of UTF-8 beyond ASCII looks like one.
        text.split(separator: "%", omittingEmptySubsequences: false).dropFirst()
            .contains { UInt8($0.prefix(2), radix: 16).map(isUnreserved) ?? false }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~".utf8.contains(byte)
        }
    }
}
