/// The name by which a kept job is found again: 128 random bits, which nobody can guess.
///
/// A browser may be shown it. It is not the ``JobInfo/id``, which counts jobs from 1 and so tells how to ask for those of
/// others.
public struct JobID: Sendable, Hashable, LosslessStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// Draws an id from the system's generator for secrets.
    init() {
        var generator = SystemRandomNumberGenerator()
        high = generator.next()
        low = generator.next()
    }

    /// Reads an id that was shown to somebody.
    ///
    /// - Parameter text: What ``description`` has made; `nil` comes of any other text.
    public init?(_ text: String) {
        let digits = Array(text.utf8)
        // Asked first, since `UInt64` would take a sign, and capitals would make two texts of one id.
        let isHexadecimal = digits.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard digits.count == 32, isHexadecimal, let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.high = high
        self.low = low
    }

    /// 32 hexadecimal digits, fit for a path.
    public var description: String { Self.digits(high) + Self.digits(low) }

    private static func digits(_ half: UInt64) -> String {
        let digits = String(half, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
