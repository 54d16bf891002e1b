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

    /// What a host that is no IPv6 address may contain: the characters of `reg-name`, `%` included (RFC 3986, section 3.2.2).
    static func isRegisteredName(_ byte: UInt8) -> Bool { registeredNames.contains(byte) }

    // Numbers, and not made of their characters at the first use, since each use would ask whether that has been done; a test holds
    // them against the characters.
    private static let tokens = ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    private static let targets = ByteSet(low: 0xFFFF_FFF6_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF)
    private static let registeredNames = ByteSet(low: 0x2BFF_7FF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)

    /// 128 bits, one for each ASCII character: a test costs a shift and no memory access but this.
    private struct ByteSet {
        let low: UInt64
        let high: UInt64

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

extension [UInt8] {
    /// A text in UTF-8, for half of what the array of a collection costs.
    init(text: String) {
        // Not `init(capacity:)`, which has the type of the array's storage looked up each time, with 300 instructions.
        self = []
        append(addingCapacity: text.utf8.count) { $0.append(text: text) }
    }

    /// Appends a text in UTF-8.
    ///
    /// Most of those that a head and a log line are made of are short, and to append a collection takes a hundred instructions
    /// before the first byte; a long one is copied as a whole.
    package mutating func append(text: String) {
        guard text.utf8.count <= 16 else { return append(contentsOf: text.utf8) }
        append(addingCapacity: text.utf8.count) { $0.append(text: text) }
    }
}

extension OutputSpan<UInt8> {
    /// Appends a number, for whose twenty characters at most there must be room.
    package mutating func append(decimal number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(decimal: number.magnitude)
    }

    private mutating func append(decimal number: UInt) {
        if number >= 10 { append(decimal: number / 10) }
        append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    /// Appends a text in UTF-8, for which there must be room.
    package mutating func append(text: String) { append(bytes: text.utf8.span) }
}
