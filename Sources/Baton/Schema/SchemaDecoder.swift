import Middleware

/// Decodes nothing, and notes down what a type asks for: so a schema needs no second description of the options.
///
/// A type that refuses what was made up for it, as one does that wants a certain text, is asked again without that.
struct SchemaDecoder: Decoder {
    final class Session {
        var leftOut: Set<[String]> = []
        var nodes: [[String]: SchemaNode] = [:]

        func isLeftOut(_ path: [String]) -> Bool { leftOut.contains(path) }
    }

    let session: Session
    let node: SchemaNode
    let codingPath: [any CodingKey]
    let userInfo: [CodingUserInfoKey: Any] = [:]

    var path: [String] { codingPath.map(\.stringValue) }

    /// What a type asks for.
    static func schema(_ body: (any Decoder) throws -> Void) -> SchemaNode {
        let (session, node) = (Session(), SchemaNode())
        session.nodes[[]] = node
        while true {
            do {
                try body(SchemaDecoder(session: session, node: node, codingPath: []))
                return node
            } catch {
                var cut = Self.path(of: error)
                while !cut.isEmpty, session.leftOut.contains(cut) {
                    cut.removeLast()
                    // What it asks for behind that is not known.
                    session.nodes[cut]?.isOpen = true
                }
                guard !cut.isEmpty else { return node }
                session.leftOut.insert(cut)
            }
        }
    }

    private static func path(of error: any Error) -> [String] {
        switch error as? DecodingError {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            context.codingPath.map(\.stringValue)
        case .keyNotFound(let key, let context): (context.codingPath + [key]).map(\.stringValue)
        default: []
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        node.isMap = true
        return KeyedDecodingContainer(Keyed<Key>(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { Unkeyed(decoder: self, node: node.makeElements()) }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(decoder: self) }

    func child(_ key: any CodingKey, _ node: SchemaNode) -> SchemaDecoder {
        let decoder = SchemaDecoder(session: session, node: node, codingPath: codingPath + [key])
        session.nodes[decoder.path] = node
        return decoder
    }

    /// Notes down the kind of a value, and makes one up.
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        // A type that contains itself would never end.
        guard codingPath.count < 8 else {
            let context = DecodingError.Context(codingPath: codingPath, debugDescription: "this is too deep")
            throw DecodingError.dataCorrupted(context)
        }
        if type is any NamedMap.Type { node.isNamedMap = true }
        // What an enumeration then reads as text is still one of its names.
        if node.scalar == nil {
            node.scalar = SchemaNode.Scalar(type)
            // Of the large types nobody means the bounds.
            if let number = type as? any FixedWidthInteger.Type, number.bitWidth < 64, node.least == nil {
                node.least = Int(exactly: number.min) ?? 0
                node.most = Int(exactly: number.max) ?? .max
            }
        }
        let values: [Any] = [
            "", false, 0.0, Float(0), Duration.seconds(1), Secret(""), ByteCount(1), ConfigPath("/"),
        ]
        if let value = values.lazy.compactMap({ $0 as? Value }).first { return value }
        if let number = type as? any FixedWidthInteger.Type, let value = number.init(truncatingIfNeeded: 0) as? Value {
            return value
        }
        return try Value(from: self)
    }
}

extension SchemaDecoder: OptionNoting {
    func note(_ note: OptionNote) {
        node.least = note.least ?? node.least
        node.most = note.most ?? node.most
        node.fallback = note.fallback.flatMap(Self.json) ?? node.fallback
    }

    /// A value as a configuration has it; `nil` for what cannot be shown, or says nothing.
    private static func json(_ value: any Sendable) -> (any Sendable)? {
        switch value {
        case let text as String: text.isEmpty ? nil : text
        case let flag as Bool: flag
        case let number as any FixedWidthInteger & Sendable: Int(exactly: number)
        case let number as Double: number
        case let time as Duration: time == .zero ? nil : time.configText
        case let size as ByteCount: size.description
        case let texts as [String]: texts.isEmpty ? nil : texts
        case let choice as any RawRepresentable: choice.rawValue as? String
        case let choices as [any RawRepresentable]:
            choices.isEmpty ? nil : choices.compactMap { $0.rawValue as? String }
        default: nil
        }
    }
}

extension SchemaNode.Scalar {
    fileprivate init?(_ type: any Any.Type) {
        switch type {
        case is String.Type: self = .text
        case is Secret.Type: self = .secret
        case is ConfigPath.Type: self = .path
        case is Duration.Type: self = .duration
        case is ByteCount.Type: self = .size
        case is Bool.Type: self = .truth
        case is any FixedWidthInteger.Type: self = .whole
        case is Double.Type, is Float.Type: self = .real
        case let choice as any CaseIterable.Type:
            let names = ConfigScalars.names(of: choice)
            guard !names.isEmpty else { return nil }
            self = .choice(names)
        default: return nil
        }
    }
}

/// A map that has every key.
private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: SchemaDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }

    /// Who asks for the names has no own ones; one stands for all.
    var allKeys: [Key] {
        _ = decoder.node.makeEntries()
        return decoder.session.isLeftOut(decoder.path + ["*"]) ? [] : [Key(stringValue: "*")].compactMap(\.self)
    }

    func contains(_ key: Key) -> Bool {
        _ = child(key)
        decoder.node.noteOptional(key.stringValue)
        return !decoder.session.isLeftOut(decoder.path + [key.stringValue])
    }

    func decodeNil(forKey key: Key) throws -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try child(key).decode(type) }

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

    private func child(_ key: Key) -> SchemaDecoder {
        let name = key.stringValue
        return decoder.child(key, name == "*" ? decoder.node.makeEntries() : decoder.node.property(name))
    }
}

/// A list of one element.
private struct Unkeyed: UnkeyedDecodingContainer {
    let decoder: SchemaDecoder
    let node: SchemaNode
    private(set) var currentIndex = 0

    init(decoder: SchemaDecoder, node: SchemaNode) {
        self.decoder = decoder
        self.node = node
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { decoder.session.isLeftOut(decoder.path + ["0"]) ? 0 : 1 }
    var isAtEnd: Bool { currentIndex >= (count ?? 0) }

    mutating func decodeNil() throws -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next().decode(type) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { next() }

    private mutating func next() -> SchemaDecoder {
        currentIndex += 1
        return decoder.child(Index(), node)
    }

    private struct Index: CodingKey {
        var stringValue: String { "0" }
        var intValue: Int? { 0 }

        init() {}
        init?(stringValue: String) { nil }
        init?(intValue: Int) { nil }
    }
}

/// A single value.
private struct Single: SingleValueDecodingContainer {
    let decoder: SchemaDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.decode(type) }
}
