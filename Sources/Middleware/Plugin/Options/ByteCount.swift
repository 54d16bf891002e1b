/// An option that is a number of bytes: `512`, `64KiB`, `1MiB`, `2GiB`.
public struct ByteCount: Decodable, Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number of bytes, 1 to 1 TiB where it comes from a configuration.
    public let bytes: Int

    private static let units: [(name: String, bytes: Int)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("", 1),
    ]

    /// Creates a number of bytes.
    ///
    /// - Parameter bytes: The number.
    public init(_ bytes: Int) { self.bytes = bytes }

    /// Decodes a number with its unit.
    ///
    /// - Parameter decoder: Where it stands.
    /// - Throws: `DecodingError` for anything else, with a sentence.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        for (unit, factor) in Self.units where text.hasSuffix(unit) {
            guard let count = Self.count(text.dropLast(unit.count)) else { continue }
            let (product, overflow) = count.multipliedReportingOverflow(by: factor)
            guard !overflow, product <= 1 << 40 else { continue }
            bytes = product
            return
        }
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: decoder.codingPath,
                debugDescription: "expected a number of bytes such as 512, 64KiB or 1MiB, found \"\(text)\""
            )
        )
    }

    /// Figures alone: `+5` and `010` mean different things to different readers.
    private static func count(_ figures: Substring) -> Int? {
        guard let number = Int(figures), number > 0, String(number) == figures else { return nil }
        return number
    }

    /// The number, in the largest unit that it is a whole number of.
    public var description: String {
        for (unit, factor) in Self.units.dropLast().reversed() where bytes > 0 && bytes.isMultiple(of: factor) {
            return "\(bytes / factor)\(unit)"
        }
        return "\(bytes)"
    }

    /// Whether there are fewer bytes.
    ///
    /// - Parameters:
    ///   - left: A number of bytes.
    ///   - right: Another one.
    /// - Returns: Whether the first is smaller.
    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
}
