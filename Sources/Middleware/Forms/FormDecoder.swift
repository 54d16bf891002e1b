/// Decodes a flat type from fields.
struct FormDecoder: Decoder {
    let values: [String: [String]]
    let source: FormFields.Source

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ fields: FormFields) {
        // By hash: a type that asks for each of a thousand names must not cost a million comparisons.
        values = Dictionary(grouping: fields, by: \.name).mapValues { $0.map(\.value) }
        source = fields.source
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(FormContainer(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw UnsuitableFormType(path: []) }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw UnsuitableFormType(path: []) }
}

/// The fields by their names.
struct FormContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: FormDecoder

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { decoder.values.keys.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { decoder.values[key.stringValue] != nil }

    // Browsers send an empty value for a field that was left empty.
    func decodeNil(forKey key: Key) throws -> Bool {
        decoder.values[key.stringValue].map { $0.allSatisfy(\.isEmpty) } ?? true
    }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        contains(key) ? try decode(type, forKey: key) : nil
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try value(key).decode(type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        FormList(value: value(key))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        throw UnsuitableFormType(path: [key])
    }

    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { value(key) }

    private func value(_ key: Key) -> FormValue {
        FormValue(key: key, texts: decoder.values[key.stringValue] ?? [], source: decoder.source)
    }
}
