/// A length of time in a configuration: `500ms`, `10s`, `2m`, `1h`.
struct ConfigDuration: Decodable {
    let duration: Duration

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        let units: [(String, Int64)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
        for (unit, milliseconds) in units where text.hasSuffix(unit) {
            guard let count = Int64(figures: text.dropLast(unit.count)), (1...1_000_000).contains(count) else {
                continue
            }
            duration = .milliseconds(count * milliseconds)
            return
        }
        throw Self.mistake("expected a length of time such as 500ms, 10s, 2m or 1h, found \"\(text)\"", decoder)
    }
}

/// A number of bytes in a configuration: `512`, `64KiB`, `1MiB`, `2GiB`.
struct ConfigSize: Decodable {
    let bytes: Int

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        let units: [(String, Int)] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("", 1)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let count = Int(figures: text.dropLast(unit.count)), count > 0 else { continue }
            let (product, overflow) = count.multipliedReportingOverflow(by: factor)
            guard !overflow, product <= 1 << 40 else { continue }
            bytes = product
            return
        }
        throw Self.mistake("expected a number of bytes such as 512, 64KiB or 1MiB, found \"\(text)\"", decoder)
    }
}

/// A number in a configuration that must lie in a range.
extension KeyedDecodingContainer {
    func decodeNumber(_ key: Key, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
        guard let number = try decodeIfPresent(Int.self, forKey: key) else { return fallback }
        guard range.contains(number) else {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: self,
                debugDescription: "expected a number from \(range.lowerBound) to \(range.upperBound), found \(number)"
            )
        }
        return number
    }

    func decodeSize(_ key: Key, default fallback: Int) throws -> Int {
        try decodeIfPresent(ConfigSize.self, forKey: key)?.bytes ?? fallback
    }

    func decodeDuration(_ key: Key, default fallback: Duration) throws -> Duration {
        try decodeIfPresent(ConfigDuration.self, forKey: key)?.duration ?? fallback
    }
}

extension Decodable {
    fileprivate static func mistake(_ message: String, _ decoder: any Decoder) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: decoder.codingPath, debugDescription: message))
    }
}
