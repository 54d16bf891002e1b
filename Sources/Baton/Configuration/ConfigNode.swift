import Yams

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
        case scalar(String)
        case list([ConfigNode])
        case map([Entry])
    }

    var content: Content
    var position: ConfigPosition

    /// What it is, in the words of an error.
    var kind: String {
        switch content {
        case .null: "nothing"
        case .scalar(let text): "\"\(text)\""
        case .list: "a list"
        case .map: "a map"
        }
    }

    subscript(_ key: String) -> ConfigNode? {
        guard case .map(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// Reads a YAML text.
    ///
    /// - Parameters:
    ///   - yaml: The text; an empty one is an empty map.
    ///   - file: The file's name, for the error.
    init(yaml: String, file: String) throws(ConfigurationError) {
        do {
            let node = try Yams.compose(yaml: yaml)
            self = node.map(Self.init) ?? ConfigNode(content: .map([]), position: ConfigPosition(line: 1, column: 1))
        } catch {
            throw ConfigurationError([Self.problem(error, file: file)])
        }
    }

    init(content: Content, position: ConfigPosition) {
        self.content = content
        self.position = position
    }

    private init(_ node: Node) {
        position = Self.position(node.mark)
        content =
            switch node {
            case .scalar(let scalar):
                // The three ways in which YAML writes "nothing"; quoted they are text.
                scalar.style == .plain && ["", "~", "null"].contains(scalar.string) ? .null : .scalar(scalar.string)
            case .sequence(let nodes): .list(nodes.map(Self.init))
            case .mapping(let mapping):
                .map(
                    mapping.map { key, value in
                        Entry(key: key.string ?? "", position: Self.position(key.mark), value: Self(value))
                    }
                )
            case .alias: .null
            }
    }

    private static func position(_ mark: Mark?) -> ConfigPosition {
        ConfigPosition(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    private static func problem(_ error: any Error, file: String) -> ConfigProblem {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ConfigProblem(file: file, position: position(mark), message: "this is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            ConfigProblem(
                file: file,
                position: position(context.mark),
                message: "a key stands here more than once: \(duplicates.joined(separator: ", "))"
            )
        default:
            ConfigProblem(file: file, position: nil, message: "this is not YAML: \(error)")
        }
    }
}
