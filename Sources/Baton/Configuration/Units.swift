import Middleware

extension ConfigDecoder {
    /// A length of time in a configuration: `500ms`, `10s`, `2m`, `1h`, `30d`.
    func duration() throws -> Duration {
        let text = try text()
        let units: [(String, Int64)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
        for (unit, milliseconds) in units where text.hasSuffix(unit) {
            guard let count = Int64(figures: text.dropLast(unit.count)), (1...1_000_000).contains(count) else {
                continue
            }
            return .milliseconds(count * milliseconds)
        }
        throw DecodingError.dataCorrupted(
            context("expected a length of time such as 500ms, 10s, 2m, 1h or 30d, found \"\(text)\"")
        )
    }
}

/// A number in a configuration that must lie in a range.
extension KeyedDecodingContainer {
    func decodeNumber(_ key: Key, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
        try decode(Int.self, forKey: key, in: range, default: fallback)
    }

    func decodeSize(_ key: Key, default fallback: Int) throws -> Int {
        try decode(ByteCount.self, forKey: key, default: ByteCount(fallback)).bytes
    }

    func decodeDuration(_ key: Key, default fallback: Duration) throws -> Duration {
        try decode(Duration.self, forKey: key, default: fallback)
    }
}

extension Duration {
    /// As a configuration has it, in the largest unit that it is a whole number of.
    var configText: String {
        let (seconds, attoseconds) = components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        let units: [(String, Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        let unit = units.first { milliseconds.isMultiple(of: $0.1) } ?? ("ms", 1)
        return "\(milliseconds / unit.1)\(unit.0)"
    }
}
