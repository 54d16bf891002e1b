/// The bytes and character classes of the HTTP grammar (RFC 9110, section 5.6; RFC 3986).
package enum ASCII {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    /// Stands for a character that was wrong.
    static let substitute: UInt8 = 0x1A
    static let space: UInt8 = 0x20
    static let quotationMark: UInt8 = 0x22
    static let comma: UInt8 = 0x2C
    static let slash: UInt8 = 0x2F
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let questionMark: UInt8 = 0x3F
    static let backslash: UInt8 = 0x5C

    /// A letter in lower case; every other byte as it is.
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    static func digit(_ byte: UInt8) -> UInt64? {
        byte &- 0x30 < 10 ? UInt64(byte &- 0x30) : nil
    }

    package static func hexDigit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte &- 0x30)
        case 0x41...0x46: UInt64(byte &- 0x41 &+ 10)
        case 0x61...0x66: UInt64(byte &- 0x61 &+ 10)
        default: nil
        }
    }

    /// `tchar`: what methods and field names are made of.
    package static func isToken(_ byte: UInt8) -> Bool { tokens.contains(byte) }

    /// What a field value may contain: visible characters, blanks, and bytes above ASCII (`obs-text`).
    package static func isFieldValue(_ byte: UInt8) -> Bool { byte >= 0x20 ? byte != 0x7F : byte == tab }

    /// A space or a tab.
    package static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// What a request target may contain: the characters of RFC 3986, `%` included, without a fragment.
    static func isTarget(_ byte: UInt8) -> Bool { targets.contains(byte) }

    private static let alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    private static let tokens = ByteSet(alphanumerics + "!#$%&'*+-.^_`|~")
    // The last six are not of RFC 3986, but browsers send them unescaped in queries, and nothing splits on them.
    private static let targets = ByteSet(alphanumerics + "-._~:/?[]@!$&'()*+,;=%" + "\"<>`{}" + "|^\\")

    /// 128 bits, one for each ASCII character: a test costs a shift and no memory access but this.
    private struct ByteSet {
        private var low: UInt64 = 0
        private var high: UInt64 = 0

        init(_ characters: String) {
            for byte in characters.utf8 {
                if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
            }
        }

        func contains(_ byte: UInt8) -> Bool {
            guard byte < 128 else { return false }
            return (byte < 64 ? low : high) & (1 << UInt64(byte & 63)) != 0
        }
    }
}

extension BidirectionalCollection<UInt8> {
    /// Without the blanks at both ends.
    package func trimmingBlanks() -> SubSequence {
        let start = firstIndex { !ASCII.isBlank($0) } ?? endIndex
        let end = lastIndex { !ASCII.isBlank($0) }.map { index(after: $0) } ?? start
        return self[start..<end]
    }
}
