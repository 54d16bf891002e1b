extension ProxyHeader {
    private static let fixedSize = 16
    /// What may follow the fixed part: addresses take 216 bytes at most, the rest are fields about TLS and the like.
    private static let restLimit = 4096 - fixedSize

    /// Version 2: the signature, version and command, family and transport, a length; then addresses and fields.
    static func readBinary(_ input: Span<UInt8>, at offset: inout Int) throws(ProxyRefusal) -> ProxyHeader? {
        guard try begins(input, at: offset, with: signature) else { return nil }
        guard input.count - offset >= fixedSize else { return nil }
        let command = input[offset + 12]
        // 0x20 is LOCAL: the proxy asks for itself. 0x21 is PROXY.
        guard command == 0x20 || command == 0x21 else { throw .version }
        let (family, transport) = (input[offset + 13] >> 4, input[offset + 13] & 0x0F)
        guard family <= 3, transport <= 2 else { throw .family }
        let length = Int(input[offset + 14]) << 8 | Int(input[offset + 15])
        guard length <= restLimit else { throw .tooLong }
        let end = offset + fixedSize + length
        guard input.count >= end else { return nil }
        let bytes = input.bytes(in: offset..<end)
        // For a health check, and where the family is not given, whatever follows is to be skipped.
        let addressSize = command == 0x20 || family == 0 ? nil : [1: 12, 2: 36, 3: 216][family]
        offset = end
        guard let addressSize else { return ProxyHeader(source: nil) }
        guard length >= addressSize else { throw .length }
        try checkFields(bytes, from: fixedSize + addressSize)
        return ProxyHeader(source: transport == 1 ? endpoint(bytes[fixedSize...].prefix(addressSize)) : nil)
    }

    /// Source and destination address, then source and destination port; `nil` for the paths of Unix sockets.
    private static func endpoint(_ addresses: ArraySlice<UInt8>) -> Endpoint? {
        let size = (addresses.count - 4) / 2
        guard let ip = IPAddress(bytes: addresses.prefix(size)) else { return nil }
        let port = addresses.dropFirst(2 * size).prefix(2).reduce(0) { $0 << 8 | Int($1) }
        return Endpoint(ip: ip, port: port)
    }

    /// Walks over the additional fields, each with a kind, a length and a value; none is used but the checksum.
    private static func checkFields(_ bytes: [UInt8], from start: Int) throws(ProxyRefusal) {
        var place = start
        var hasChecksum = false
        while place < bytes.count {
            guard bytes.count - place >= 3 else { throw .extra }
            let length = Int(bytes[place + 1]) << 8 | Int(bytes[place + 2])
            guard bytes.count - place - 3 >= length else { throw .extra }
            if bytes[place] == 0x03 {
                // One, since each costs a walk over all bytes.
                guard !hasChecksum else { throw .extra }
                hasChecksum = true
                try checkChecksum(bytes, at: (place + 3)..<(place + 3 + length))
            }
            place += 3 + length
        }
    }

    /// CRC-32C over the whole header, in which the checksum itself counts as zeros.
    private static func checkChecksum(_ bytes: [UInt8], at place: Range<Int>) throws(ProxyRefusal) {
        guard place.count == 4 else { throw .extra }
        let expected = bytes[place].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        var sum = ~UInt32(0)
        for (index, byte) in bytes.enumerated() {
            sum ^= UInt32(place.contains(index) ? 0 : byte)
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 0 ? 0 : 0x82F6_3B78) }
        }
        guard ~sum == expected else { throw .checksum }
    }
}
