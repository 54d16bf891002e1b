import Middleware

/// Decodes types from a configuration, strictly: what nobody asks for is reported, and every mistake has its line.
struct ConfigDecoder: Decoder {
    /// What one decoding notes down.
    final class Session {
        let file: String
        let overrides: ConfigOverrides
        let userInfo: [CodingUserInfoKey: Any]
        /// The maps that were opened, and what was asked of them.
        fileprivate(set) var opened: [(path: [any CodingKey], entries: [ConfigNode.Entry], asked: AskedKeys)] = []

        init(file: String, folder: String, overrides: ConfigOverrides) {
            self.file = file
            userInfo = ConfigPath.folderKey.map { [$0: folder] } ?? [:]
            self.overrides = overrides
        }

        /// The keys at a path and below that stand in the file and that no type has asked for.
        func unknownKeys(below place: [String]) -> [ConfigProblem] {
            opened.flatMap { path, entries, asked -> [ConfigProblem] in
                guard path.map(\.stringValue).starts(with: place) else { return [] }
                return entries.filter { !asked.names.contains($0.key) }
                    .map { entry in
                        ConfigProblem(
                            file: file,
                            position: entry.position,
                            key: (path.map(\.stringValue) + [entry.key]).joined(separator: "."),
                            message: "unknown key" + Suggestion.advice(for: entry.key, among: Array(asked.names))
                        )
                    }
            }
        }

        /// The key in the file by which somebody probably meant one that is missing.
        func mistyped(_ key: [String]) -> String? {
            guard let name = key.last, let map = opened.last(where: { $0.path.map(\.stringValue) == key.dropLast() })
            else {
                return nil
            }
            return map.entries.map(\.key)
                .first { entry in
                    !map.asked.names.contains(entry) && Suggestion.nearest(to: entry, among: [name]) != nil
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

    var userInfo: [CodingUserInfoKey: Any] { session.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        let entries: [ConfigNode.Entry]
        switch node?.content {
        case _ where override != nil: throw mismatch("a map", found: "a single value")
        case .map(let found): entries = found
        case nil, .null: entries = []
        case .list: throw mismatch("a map")
        // The value is not shown: where a map is due it may be a secret that stands in the wrong place.
        case .scalar: throw mismatch("a map", found: "a single value")
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
                elements: parts.map { ConfigNode(content: .scalar(String($0), isQuoted: false), position: position) }
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
        case .scalar(let text, _): return text
        case nil: throw DecodingError.valueNotFound(String.self, context("a value is missing"))
        default: throw mismatch("a single value")
        }
    }

    /// The text of a value that is no text, such as a number; `nil` where it is quoted.
    func plainText() throws -> String? {
        if override == nil, case .scalar(_, isQuoted: true) = node?.content { return nil }
        return try text()
    }

    func mismatch(_ expected: String, found: String? = nil) -> DecodingError {
        let found = found ?? override.map { "\"\($0.text)\"" } ?? node?.kind ?? "nothing"
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
