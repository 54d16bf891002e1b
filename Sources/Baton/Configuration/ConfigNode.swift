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
    /// What stands in the file where the value comes from elsewhere, such as `${ENV:SECRET}`: then the value is not shown.
    var reference: String?

    /// What it is, in the words of an error.
    var kind: String {
        switch content {
        case .null: "nothing"
        case .scalar where reference != nil: "a value that is not shown"
        case .scalar(let text, let isQuoted): (isQuoted ? "the text " : "") + Self.quoted(text)
        case .list: "a list"
        case .map: "a map"
        }
    }

    /// A text as one line of a message has room for it.
    private static func quoted(_ text: String) -> String {
        let line = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: "\\n")
        return line.count > 100 ? "\"\(line.prefix(100))...\"" : "\"\(line)\""
    }

    subscript(_ key: String) -> ConfigNode? {
        guard case .map(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// The value at a key of a map, or at a place of a list.
    func child(_ name: String) -> ConfigNode? {
        guard case .list(let elements) = content else { return self[name] }
        return Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
    }

    /// What is not to be shown, here and below.
    var hiddenTexts: [String] {
        switch content {
        case .null: []
        case .scalar(let text, _): reference == nil || text.isEmpty ? [] : [text]
        case .list(let elements): elements.flatMap(\.hiddenTexts)
        case .map(let entries): entries.flatMap(\.value.hiddenTexts)
        }
    }

    init(content: Content, position: ConfigPosition) {
        self.content = content
        self.position = position
    }
}
