extension IPAddress {
    /// Reads an address in figures; `nil` for anything else, a zone (`%eth0`) included.
    ///
    /// Not the system's reader: that of C takes `127.1` and `010.0.0.1`, which two readers could understand differently.
    init?(_ text: some StringProtocol) { self.init(figures: Array(text.utf8)[...]) }

    /// Reads an address in figures from bytes, which may come from a client.
    init?(figures text: ArraySlice<UInt8>) {
        if text.contains(ASCII.colon) {
            guard let (high, low) = Self.readIPv6(text) else { return nil }
            self.init(high: high, low: low)
        } else {
            guard let address = Self.readIPv4(text) else { return nil }
            self.init(v4: address)
        }
    }

    /// Four numbers up to 255 without leading zeros.
    private static func readIPv4(_ text: ArraySlice<UInt8>) -> UInt32? {
        guard (7...15).contains(text.count) else { return nil }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let number = ASCII.number(part, upTo: 255) else { return nil }
            address = address << 8 | UInt32(truncatingIfNeeded: number)
        }
        return address
    }

    /// RFC 4291, section 2.2: eight groups, of which `::` may replace one or more, and the last two may be an IPv4 address.
    private static func readIPv6(_ text: ArraySlice<UInt8>) -> (high: UInt64, low: UInt64)? {
        guard (2...45).contains(text.count) else { return nil }
        var front: [UInt64] = []
        var back: [UInt64]?
        var rest = text
        if rest.starts(with: [ASCII.colon, ASCII.colon]) {
            back = []
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let end = rest.firstIndex(of: ASCII.colon) ?? rest.endIndex
            let isLast = end == rest.endIndex
            guard let groups = readGroup(rest[..<end], isLast: isLast) else { return nil }
            if back == nil { front += groups } else { back? += groups }
            guard !isLast else { break }
            rest = rest[(end + 1)...]
            if rest.first == ASCII.colon {
                guard back == nil else { return nil }
                back = []
                rest = rest.dropFirst()
            } else if rest.isEmpty {
                return nil
            }
        }
        let count = front.count + (back?.count ?? 0)
        guard back == nil ? count == 8 : count < 8 else { return nil }
        let groups = front + Array(repeating: 0, count: 8 - count) + (back ?? [])
        return (groups[..<4].reduce(0) { $0 << 16 | $1 }, groups[4...].reduce(0) { $0 << 16 | $1 })
    }

    private static func readGroup(_ text: ArraySlice<UInt8>, isLast: Bool) -> [UInt64]? {
        if isLast, text.contains(UInt8(ascii: ".")) {
            guard let address = readIPv4(text) else { return nil }
            return [UInt64(address >> 16), UInt64(address & 0xFFFF)]
        }
        guard (1...4).contains(text.count) else { return nil }
        var group: UInt64 = 0
        for byte in text {
            guard let digit = ASCII.hexDigit(byte) else { return nil }
            group = group << 4 | digit
        }
        return [group]
    }
}

extension ASCII {
    /// Reads a decimal number without sign and leading zeros; `nil` where it is none or above `limit`.
    static func number(_ text: ArraySlice<UInt8>, upTo limit: UInt64) -> UInt64? {
        // Nineteen figures cannot overflow.
        guard (1...19).contains(text.count), text.count == 1 || text.first != UInt8(ascii: "0") else { return nil }
        var number: UInt64 = 0
        for byte in text {
            guard let digit = digit(byte) else { return nil }
            number = number * 10 + digit
        }
        return number <= limit ? number : nil
    }
}
