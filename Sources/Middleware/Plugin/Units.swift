/// A length of time in a configuration: `500ms`, `10s`, `2m`, `1h`, `30d`.
public struct ConfigDuration: Decodable, Sendable {
    /// The length.
    public let duration: Duration

    /// Decodes a text of a whole number, from 1 to 1,000,000, and a unit.
    ///
    /// - Parameter decoder: Where it stands.
    /// - Throws: What the decoder throws where it is no text, and `dataCorrupted` for any other text.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        let units: [(String, Int64)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        for (unit, milliseconds) in units where text.hasSuffix(unit) {
            guard let count = Int64(figures: text.dropLast(unit.count)), (1...1_000_000).contains(count) else {
                continue
            }
            duration = .milliseconds(count * milliseconds)
            return
        }
        throw Self.mistake("expected a length of time such as 500ms, 10s, 2m, 1h or 30d, found \"\(text)\"", decoder)
    }
}

/// A number of bytes in a configuration: `512`, `64KiB`, `1MiB`, `2GiB`.
public struct ConfigSize: Decodable, Sendable {
    /// The number of bytes.
    public let bytes: Int

    /// Decodes a text of a whole number above 0, and a unit or none; at most 1024 GiB.
    ///
    /// - Parameter decoder: Where it stands.
    /// - Throws: What the decoder throws where it is no text, and `dataCorrupted` for any other text.
    public init(from decoder: any Decoder) throws {
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

extension KeyedDecodingContainer {
    /// Decodes a number that must lie in a range.
    ///
    /// - Parameters:
    ///   - key: The option.
    ///   - range: What is allowed.
    ///   - fallback: What holds where the option is left out.
    /// - Returns: The number.
    /// - Throws: What the decoder throws, and `dataCorrupted` for a number out of the range.
    public func decodeNumber(_ key: Key, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
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

    /// Decodes a number of bytes, such as `64KiB`.
    ///
    /// - Parameters:
    ///   - key: The option.
    ///   - fallback: What holds where the option is left out, in bytes.
    /// - Returns: The number of bytes.
    /// - Throws: What the decoder throws, and `dataCorrupted` for what is no size.
    public func decodeSize(_ key: Key, default fallback: Int) throws -> Int {
        try decodeIfPresent(ConfigSize.self, forKey: key)?.bytes ?? fallback
    }

    /// Decodes a length of time, such as `10s`.
    ///
    /// - Parameters:
    ///   - key: The option.
    ///   - fallback: What holds where the option is left out.
    /// - Returns: The length of time.
    /// - Throws: What the decoder throws, and `dataCorrupted` for what is no length of time.
    public func decodeDuration(_ key: Key, default fallback: Duration) throws -> Duration {
        try decodeIfPresent(ConfigDuration.self, forKey: key)?.duration ?? fallback
    }
}

extension Decodable {
    fileprivate static func mistake(_ message: String, _ decoder: any Decoder) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: decoder.codingPath, debugDescription: message))
    }
}

extension FixedWidthInteger {
    /// Reads figures that mean one thing to everybody: `010` is 8 to some readers of YAML, `1_0` is text to others.
    package init?(figures text: some StringProtocol) {
        guard let number = Self(text), String(number) == text else { return nil }
        self = number
    }
}
