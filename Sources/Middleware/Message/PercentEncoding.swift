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
}
