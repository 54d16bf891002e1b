/// A place in a configuration file, counted from 1.
struct ConfigPosition: Sendable, Equatable {
    var line: Int
    var column: Int
}

/// A value in a configuration file, and where it stands.
struct ConfigNode: Sendable {
    struct Entry: Sendable {
        var key: String
        var position: ConfigPosition
        var value: ConfigNode
    }

    enum Content: Sendable {
        case null
        /// Text; where it was quoted it can be nothing else.
        case scalar(String, isQuoted: Bool)
        case list([ConfigNode])
        case map([Entry])
    }

    var content: Content
    var position: ConfigPosition

    /// What it is, in the words of an error.
    var kind: String {
        switch content {
        case .null: "nothing"
        case .scalar(let text, let isQuoted): isQuoted ? "the text \"\(text)\"" : "\"\(text)\""
        case .list: "a list"
        case .map: "a map"
        }
    }

    subscript(_ key: String) -> ConfigNode? {
        guard case .map(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    init(content: Content, position: ConfigPosition) {
        self.content = content
        self.position = position
    }
}
