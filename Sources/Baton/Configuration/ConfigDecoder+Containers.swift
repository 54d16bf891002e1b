import Middleware

/// The keys of a map in a configuration.
struct KeyedConfigContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ConfigDecoder
    let entries: [ConfigNode.Entry]
    let asked: ConfigSession.AskedKeys

    var codingPath: [any CodingKey] { decoder.codingPath }
    /// In the order of the file.
    var allKeys: [Key] {
        entries.filter { !decoder.session.isLeftOut(decoder.path + [$0.key]) }.compactMap { Key(stringValue: $0.key) }
    }

    func contains(_ key: Key) -> Bool {
        let child = child(key)
        return child.node != nil || child.override != nil
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        let child = child(key)
        guard child.override == nil else { return false }
        return if case .null = child.node?.content { true } else { false }
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try ConfigScalars.decode(type, from: child(key))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try child(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try child(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { child(key) }

    private func child(_ key: Key) -> ConfigDecoder {
        asked.names.insert(key.stringValue)
        return decoder.child(key, entries.first { $0.key == key.stringValue }?.value)
    }
}

/// The elements of a list in a configuration.
struct UnkeyedConfigContainer: UnkeyedDecodingContainer {
    let decoder: ConfigDecoder
    /// The elements with their places in the file's list: where a mistake was found, one is left out.
    private let elements: [(index: Int, node: ConfigNode)]
    private(set) var currentIndex = 0

    init(decoder: ConfigDecoder, elements: [ConfigNode]) {
        self.decoder = decoder
        self.elements = elements.enumerated().filter { !decoder.session.isLeftOut(decoder.path + ["\($0.offset)"]) }
            .map { ($0.offset, $0.element) }
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, case .null = elements[currentIndex].node.content else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try ConfigScalars.decode(type, from: next())
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }

    private mutating func next() throws -> ConfigDecoder {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                String.self,
                decoder.context("the list has only \(elements.count) elements")
            )
        }
        defer { currentIndex += 1 }
        let (index, node) = elements[currentIndex]
        return decoder.child(Index(intValue: index), node)
    }

    private struct Index: CodingKey {
        let number: Int
        var stringValue: String { "\(number)" }
        var intValue: Int? { number }

        init(intValue: Int) { number = intValue }
        init?(stringValue: String) { nil }
    }
}

/// A single value in a configuration.
struct ScalarConfigContainer: SingleValueDecodingContainer {
    let decoder: ConfigDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool {
        guard decoder.override == nil else { return false }
        return switch decoder.node?.content {
        case nil, .null: true
        default: false
        }
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try ConfigScalars.decode(type, from: decoder) }
}

/// How the text of a single value becomes a value of Swift's.
enum ConfigScalars {
    static func decode<Value: Decodable>(_ type: Value.Type, from decoder: ConfigDecoder) throws -> Value {
        if decoder.isLeftOut, decoder.node == nil, let value = placeholder(type) { return value }
        if type is Secret.Type { decoder.session.noteSecret(decoder.path) }
        if type is any NamedMap.Type { try decoder.demandMap() }
        // By way of `Any.Type`: a comparison of generic metatypes would be specialised away to the wrong branch otherwise.
        switch type {
        case is String.Type: return try cast(decoder.text(), decoder)
        case is Bool.Type:
            return try cast(
                decoder.plainText().flatMap { ["true": true, "false": false][$0] },
                decoder,
                "true or false"
            )
        case let number as any (FixedWidthInteger & Decodable).Type:
            return try cast(decoder.plainText().flatMap { parse(number, $0) }, decoder, "a whole number")
        case is Double.Type: return try cast(decoder.plainText().flatMap { real(Double.self, $0) }, decoder, "a number")
        case is Float.Type: return try cast(decoder.plainText().flatMap { real(Float.self, $0) }, decoder, "a number")
        // Swift's own form of it is a list of two large numbers, which nobody would write into a file.
        case is Duration.Type: return try cast(decoder.duration(), decoder)
        case let choice as any CaseIterable.Type:
            try decoder.checkChoice(among: names(of: choice))
            return try Value(from: decoder)
        default: return try Value(from: decoder)
        }
    }

    /// The texts that an enumeration may have; none where it is made of something else.
    static func names<Choice: CaseIterable>(of type: Choice.Type) -> [String] {
        type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
    }

    /// Stands for a value that is wrong and must be there, so that the mistakes behind it are found.
    private static func placeholder<Value>(_ type: Value.Type) -> Value? {
        let values: [Any] = ["", false, 0.0, Float(0), Duration.seconds(1)]
        if let value = values.lazy.compactMap({ $0 as? Value }).first { return value }
        guard let number = type as? any FixedWidthInteger.Type else { return nil }
        return number.init(truncatingIfNeeded: 0) as? Value
    }

    private static func parse(_ type: any (FixedWidthInteger & Decodable).Type, _ text: String) -> Any? {
        func make<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? { Number(figures: text) }
        return make(type)
    }

    private static func real<Number: BinaryFloatingPoint & LosslessStringConvertible>(
        _ type: Number.Type,
        _ text: String
    ) -> Number? {
        // Neither hexadecimal ones, nor `nan` and `inf`.
        guard text.allSatisfy({ $0.isNumber || "+-.eE".contains($0) }), let number = Number(text) else { return nil }
        return number.isFinite ? number : nil
    }

    private static func cast<Value>(_ value: Any?, _ decoder: ConfigDecoder, _ expected: String = "text") throws
        -> Value
    {
        guard let value = value as? Value else { throw decoder.mismatch(expected) }
        return value
    }
}

/// A map whose keys are names of its own.
protocol NamedMap {}

extension Dictionary: NamedMap {}

extension FixedWidthInteger {
    /// Reads figures that mean one thing to everybody: `010` is 8 to some readers of YAML, `1_0` is text to others.
    init?(figures text: some StringProtocol) {
        guard let number = Self(text), String(number) == text else { return nil }
        self = number
    }
}
