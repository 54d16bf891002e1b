/// All values of one name, to be decoded as one value or as a list.
struct FormValue: Decoder, SingleValueDecodingContainer {
    let key: any CodingKey
    let texts: [String]
    let source: FormFields.Source

    var codingPath: [any CodingKey] { [key] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw UnsuitableFormType(path: codingPath)
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { FormList(value: self) }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { texts.allSatisfy(\.isEmpty) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        // By way of `Any.Type`: a comparison of generic metatypes would be specialised away to the wrong branch otherwise.
        switch type {
        case is String.Type: return try cast(text(), "must be text")
        case is Bool.Type: return try cast(truth(), "must be true or false")
        case let number as any FixedWidthInteger.Type:
            return try cast(Self.whole(number, text()), "must be a whole number, and not too large")
        case is Double.Type: return try cast(Self.real(Double.self, text()), "must be a number")
        case is Float.Type: return try cast(Self.real(Float.self, text()), "must be a number")
        default: return try Value(from: self)
        }
    }

    private func text() throws(ContentError) -> String {
        guard let text = texts.first else { throw invalid("is missing") }
        // Two readers of one message that choose differently, the first and the last, can be played off against each other.
        guard texts.count == 1 else { throw invalid("stands there more than once") }
        return text
    }

    private func truth() throws(ContentError) -> Bool? {
        guard !texts.isEmpty else { return false }
        return switch try text() {
        case "true", "on", "yes", "1": true
        case "false", "off", "no", "0": false
        default: nil
        }
    }

    private static func whole(_ type: any FixedWidthInteger.Type, _ text: String) -> Any? {
        func make<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? { Number(text) }
        return make(type)
    }

    private static func real<Number: BinaryFloatingPoint & LosslessStringConvertible>(
        _ type: Number.Type,
        _ text: String
    ) -> Number? {
        // As JSON has them: neither hexadecimal ones, nor `nan` and `inf`, which no handler expects.
        let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        guard isPlain, let number = Number(text) else { return nil }
        return number.isFinite ? number : nil
    }

    private func cast<Value>(_ value: Any?, _ problem: String) throws(ContentError) -> Value {
        guard let value = value as? Value else { throw invalid(problem) }
        return value
    }

    private func invalid(_ problem: String) -> ContentError { .invalidValue(key.stringValue, of: source, problem) }
}

/// The values of one name, in their order.
struct FormList: UnkeyedDecodingContainer {
    let value: FormValue
    private(set) var currentIndex = 0

    init(value: FormValue) { self.value = value }

    var codingPath: [any CodingKey] { value.codingPath }
    var count: Int? { value.texts.count }
    var isAtEnd: Bool { currentIndex >= value.texts.count }

    mutating func decodeNil() throws -> Bool { false }

    mutating func decode<Element: Decodable>(_ type: Element.Type) throws -> Element { try next().decode(type) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        throw UnsuitableFormType(path: codingPath)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw UnsuitableFormType(path: codingPath)
    }

    mutating func superDecoder() throws -> any Decoder { try next() }

    private mutating func next() throws(ContentError) -> FormValue {
        guard !isAtEnd else { throw .invalidValue(value.key.stringValue, of: value.source, "has too few values") }
        defer { currentIndex += 1 }
        return FormValue(key: value.key, texts: [value.texts[currentIndex]], source: value.source)
    }
}
