/// What a plug-in knows of its options beside their types, in words that `baton schema` passes on to editors.
///
/// ```swift
/// init(from decoder: any Decoder) throws {
///     let container = try decoder.container(keyedBy: CodingKeys.self)
///     limit = try container.decode(Int.self, forKey: .limit, in: 1...100)
///     wait = try container.decode(Duration.self, forKey: .wait, default: .seconds(10))
/// }
/// ```
extension KeyedDecodingContainer {
    /// Decodes an option that may be left out.
    ///
    /// What holds then is shown by `baton chain`, and in the schema.
    ///
    /// - Parameters:
    ///   - type: Its type.
    ///   - key: Its key.
    ///   - fallback: What holds where it is left out.
    /// - Returns: What the configuration says, or what holds without it.
    /// - Throws: What decoding throws.
    public func decode<Value: Decodable & Sendable>(
        _ type: Value.Type,
        forKey key: Key,
        default fallback: Value
    ) throws -> Value {
        let isNoted = note(OptionNote(fallback: fallback), key)
        let value = try decodeIfPresent(type, forKey: key)
        // What is noted down by may be the default of another option.
        return isNoted ? fallback : value ?? fallback
    }

    /// Decodes a number that must lie in a range.
    ///
    /// - Parameters:
    ///   - type: Its type.
    ///   - key: Its key.
    ///   - range: Where it must lie.
    /// - Returns: The number.
    /// - Throws: What decoding throws, also where it lies elsewhere.
    public func decode<Number: Decodable & Numeric & Comparable & Sendable>(
        _ type: Number.Type,
        forKey key: Key,
        in range: ClosedRange<Number>
    ) throws -> Number {
        let isNoted = note(OptionNote(range), key)
        let number = try decode(type, forKey: key)
        return isNoted ? range.lowerBound : try checked(number, range, key)
    }

    /// Decodes a number that may be left out, and otherwise must lie in a range.
    ///
    /// - Parameters:
    ///   - type: Its type.
    ///   - key: Its key.
    ///   - range: Where it must lie.
    /// - Returns: The number; `nil` where it is left out.
    /// - Throws: What decoding throws, also where it lies elsewhere.
    public func decodeIfPresent<Number: Decodable & Numeric & Comparable & Sendable>(
        _ type: Number.Type,
        forKey key: Key,
        in range: ClosedRange<Number>
    ) throws -> Number? {
        let isNoted = note(OptionNote(range), key)
        guard let number = try decodeIfPresent(type, forKey: key) else { return nil }
        return isNoted ? nil : try checked(number, range, key)
    }

    /// Decodes a number that may be left out, and otherwise must lie in a range.
    ///
    /// - Parameters:
    ///   - type: Its type.
    ///   - key: Its key.
    ///   - range: Where it must lie.
    ///   - fallback: What holds where it is left out.
    /// - Returns: The number.
    /// - Throws: What decoding throws, also where it lies elsewhere.
    public func decode<Number: Decodable & Numeric & Comparable & Sendable>(
        _ type: Number.Type,
        forKey key: Key,
        in range: ClosedRange<Number>,
        default fallback: Number
    ) throws -> Number {
        var note = OptionNote(range)
        note.fallback = fallback
        let isNoted = self.note(note, key)
        guard let number = try decodeIfPresent(type, forKey: key), !isNoted else { return fallback }
        return try checked(number, range, key)
    }

    private func checked<Number: Comparable>(
        _ number: Number,
        _ range: ClosedRange<Number>,
        _ key: Key
    ) throws -> Number {
        guard !range.contains(number) else { return number }
        // What was written as 1 is not shown as 1.0.
        func text(_ number: Number) -> String {
            (number as? Double).flatMap { Int(exactly: $0)?.description } ?? "\(number)"
        }
        let bounds = "from \(text(range.lowerBound)) to \(text(range.upperBound))"
        throw DecodingError.dataCorruptedError(
            forKey: key,
            in: self,
            debugDescription: "expected a number \(bounds), found \(text(number))"
        )
    }

    /// Tells a decoder that notes down, rather than reads, what is known of a key.
    ///
    /// - Returns: Whether it is one; then what it has decoded was made up.
    private func note(_ note: OptionNote, _ key: Key) -> Bool {
        guard let decoder = (try? superDecoder(forKey: key)) as? any OptionNoting else { return false }
        decoder.note(note)
        return true
    }
}

/// What is known of an option beside its type.
package struct OptionNote: Sendable {
    /// The least and the greatest number, and what holds where nothing is written; `nil` where that is not known.
    package var least: (any Sendable)?
    package var most: (any Sendable)?
    package var fallback: (any Sendable)?

    init(fallback: (any Sendable)?) { self.fallback = fallback }

    init<Number: Sendable>(_ range: ClosedRange<Number>) {
        least = range.lowerBound
        most = range.upperBound
    }
}

/// A decoder that notes down what a type asks for, rather than to read anything.
package protocol OptionNoting: Decoder {
    func note(_ note: OptionNote)
}
