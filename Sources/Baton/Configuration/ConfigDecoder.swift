/// Decodes types from a configuration, strictly: what nobody asks for is reported, and every mistake has its line.
struct ConfigDecoder: Decoder {
    let session: ConfigSession
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
        let asked = session.open(path, entries)
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
        case .list(let elements):
            if elements.isEmpty { session.noteValue(path, "[]", from: .file(node?.position)) }
            return UnkeyedConfigContainer(decoder: self, elements: elements)
        case nil where isLeftOut: return UnkeyedConfigContainer(decoder: self, elements: [])
        // Not an empty one: whoever can do without it asks whether it is there.
        case nil: throw DecodingError.valueNotFound([String].self, context("a list is missing"))
        case .null: throw mismatch("a list ([] for an empty one)")
        default: throw mismatch("a list")
        }
    }

    /// Checks that there is a map, for a type that has no keys of its own, and so none that would be missed.
    func demandMap() throws {
        guard override == nil, !isLeftOut else { return }
        switch node?.content {
        case nil: throw DecodingError.valueNotFound([String: String].self, context("a map is missing"))
        case .null: throw mismatch("a map ({} for an empty one)")
        default: return
        }
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { ScalarConfigContainer(decoder: self) }

    /// The value that wins over the file, and where it comes from.
    var override: (text: String, source: String)? {
        // Elements of lists have no names of their own.
        guard codingPath.allSatisfy({ $0.intValue == nil }), !codingPath.isEmpty else { return nil }
        return session.override(at: path)
    }

    /// Whether the file has a single value here.
    var isScalar: Bool {
        guard override == nil, case .scalar = node?.content else { return false }
        return true
    }

    var path: [String] { codingPath.map(\.stringValue) }

    /// Whether a mistake was found here before: then there is nothing, and whatever is asked for is made up.
    var isLeftOut: Bool { session.isLeftOut(path) }

    /// The text of a single value.
    func text() throws -> String {
        if let (text, source) = override {
            session.noteValue(path, text, from: .override(source))
            return text
        }
        switch node?.content {
        case .scalar(let text, _):
            session.noteValue(path, text, reference: node?.reference, from: .file(node?.position))
            return text
        case nil where isLeftOut: return ""
        case nil: throw DecodingError.valueNotFound(String.self, context("a value is missing"))
        default: throw mismatch("a single value")
        }
    }

    /// The text of a value that is no text, such as a number; `nil` where it is quoted.
    func plainText() throws -> String? {
        if override == nil, case .scalar(_, isQuoted: true) = node?.content { return nil }
        return try text()
    }

    /// Checks that the text is one of these, where there are any.
    func checkChoice(among names: [String]) throws {
        guard !names.isEmpty, !isLeftOut else { return }
        let text = try text()
        guard !names.contains(text) else { return }
        let guess = Suggestion.nearest(to: text, among: names).map { "; did you mean \"\($0)\"?" } ?? "."
        let known = names.joined(separator: ", ")
        throw DecodingError.dataCorrupted(context("\"\(text)\" is not known here\(guess) Known: \(known)."))
    }

    func mismatch(_ expected: String, found: String? = nil) -> DecodingError {
        let found = found ?? override.map { "\"\($0.text)\"" } ?? node?.kind ?? "nothing"
        return DecodingError.typeMismatch(String.self, context("expected \(expected), found \(found)"))
    }

    func context(_ message: String) -> DecodingError.Context {
        DecodingError.Context(codingPath: codingPath, debugDescription: message)
    }

    func child(_ key: any CodingKey, _ node: ConfigNode?) -> ConfigDecoder {
        let path = codingPath + [key]
        let isLeftOut = session.isLeftOut(path.map(\.stringValue))
        return ConfigDecoder(session: session, node: isLeftOut ? nil : node, codingPath: path)
    }
}

extension StringProtocol {
    fileprivate func trimming(while isTrimmed: (Character) -> Bool) -> SubSequence {
        let start = drop(while: isTrimmed)
        guard let last = start.lastIndex(where: { !isTrimmed($0) }) else { return start[start.endIndex...] }
        return start[...last]
    }
}
