/// Decodes types from a configuration, strictly: what nobody asks for is reported, and every mistake has its line.
struct ConfigDecoder: Decoder {
    /// What one decoding notes down.
    final class Session {
        let file: String
        let overrides: ConfigOverrides
        /// The maps that were opened, and what was asked of them.
        fileprivate(set) var opened: [(path: [any CodingKey], entries: [ConfigNode.Entry], asked: AskedKeys)] = []

        init(file: String, overrides: ConfigOverrides) {
            self.file = file
            self.overrides = overrides
        }

        /// The keys that stand in the file and that no type has asked for.
        var unknownKeys: [ConfigProblem] {
            opened.flatMap { path, entries, asked in
                entries.filter { !asked.names.contains($0.key) }.map { entry in
                    ConfigProblem(
                        file: file,
                        position: entry.position,
                        key: (path.map(\.stringValue) + [entry.key]).joined(separator: "."),
                        message: "unknown key" + Suggestion.advice(for: entry.key, among: Array(asked.names))
                    )
                }
            }
        }
    }

    final class AskedKeys {
        var names: Set<String> = []
    }

    let session: Session
    /// `nil` where the file says nothing: an empty map for who asks for one, so that defaults and overrides hold.
    let node: ConfigNode?
    let codingPath: [any CodingKey]
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        let entries: [ConfigNode.Entry]
        switch node?.content {
        case .map(let found): entries = found
        case nil, .null: entries = []
        default: throw mismatch("a map")
        }
        let asked = AskedKeys()
        session.opened.append((codingPath, entries, asked))
        return KeyedDecodingContainer(KeyedConfigContainer(decoder: self, entries: entries, asked: asked))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        if let (text, _) = override {
            let parts = text.split(separator: ",").map { $0.trimming(while: \.isWhitespace) }
            let position = ConfigPosition(line: 0, column: 0)
            return UnkeyedConfigContainer(
                decoder: self,
                elements: parts.map { ConfigNode(content: .scalar(String($0)), position: position) }
            )
        }
        switch node?.content {
        case .list(let elements): return UnkeyedConfigContainer(decoder: self, elements: elements)
        case nil, .null: return UnkeyedConfigContainer(decoder: self, elements: [])
        default: throw mismatch("a list")
        }
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { ScalarConfigContainer(decoder: self) }

    /// The value that wins over the file, and where it comes from.
    var override: (text: String, source: String)? {
        // Elements of lists have no names of their own.
        guard codingPath.allSatisfy({ $0.intValue == nil }), !codingPath.isEmpty else { return nil }
        return session.overrides.value(at: codingPath.map(\.stringValue))
    }

    /// The text of a single value.
    func text() throws -> String {
        if let (text, _) = override { return text }
        switch node?.content {
        case .scalar(let text): return text
        case nil: throw DecodingError.valueNotFound(String.self, context("a value is missing"))
        default: throw mismatch("a single value")
        }
    }

    func mismatch(_ expected: String) -> DecodingError {
        let found = override.map { "\"\($0.text)\"" } ?? node?.kind ?? "nothing"
        return DecodingError.typeMismatch(String.self, context("expected \(expected), found \(found)"))
    }

    func context(_ message: String) -> DecodingError.Context {
        DecodingError.Context(codingPath: codingPath, debugDescription: message)
    }

    func child(_ key: any CodingKey, _ node: ConfigNode?) -> ConfigDecoder {
        ConfigDecoder(session: session, node: node, codingPath: codingPath + [key])
    }
}

extension StringProtocol {
    fileprivate func trimming(while isTrimmed: (Character) -> Bool) -> SubSequence {
        let start = drop(while: isTrimmed)
        guard let last = start.lastIndex(where: { !isTrimmed($0) }) else { return start[start.endIndex...] }
        return start[...last]
    }
}
