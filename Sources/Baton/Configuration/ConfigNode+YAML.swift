import Yams

extension ConfigNode {
    /// Reads a YAML text.
    ///
    /// - Parameters:
    ///   - yaml: The text; an empty one is an empty map.
    ///   - file: The file's name, for the error.
    /// - Throws: ``ConfigurationError`` for what is not YAML, and for what YAML has but a configuration must not.
    init(yaml: String, file: String) throws(ConfigurationError) {
        let node: Node?
        do {
            node = try Yams.compose(yaml: yaml)
        } catch {
            throw ConfigurationError([Self.problem(error, yaml: yaml, file: file)])
        }
        var reader = Reader(file: file)
        self =
            try node.map { node throws(ConfigurationError) in try reader.read(node) }
            ?? ConfigNode(content: .map([]), position: ConfigPosition(line: 1, column: 1))
    }

    /// Turns the nodes of Yams into ours.
    private struct Reader {
        let file: String
        /// Aliases of aliases can make a small file endless.
        var room = 100_000

        mutating func read(_ node: Node) throws(ConfigurationError) -> ConfigNode {
            room -= 1
            guard room > 0 else { throw mistake(node.mark, "this is too large for a configuration") }
            // Nothing here acts on a tag, so whoever writes one expects what will not happen.
            let tag = tag(of: node)
            guard tag.isEmpty else { throw mistake(node.mark, "tags such as \(tag) have no meaning here") }
            return ConfigNode(content: try content(of: node), position: ConfigNode.position(node.mark))
        }

        private mutating func content(of node: Node) throws(ConfigurationError) -> Content {
            switch node {
            case .scalar(let scalar):
                let isPlain = scalar.style == .plain
                // The ways in which YAML writes "nothing"; quoted they are text.
                let isNull = isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
                return isNull ? .null : .scalar(scalar.string, isQuoted: !isPlain)
            case .sequence(let nodes):
                var elements: [ConfigNode] = []
                for node in nodes { elements.append(try read(node)) }
                return .list(elements)
            case .mapping(let mapping):
                var entries: [Entry] = []
                var names: Set<String> = []
                for (key, value) in mapping {
                    guard let name = key.string else { throw mistake(key.mark, "a key must be a single value") }
                    guard names.insert(name).inserted else {
                        throw mistake(key.mark, "a key stands here more than once: \(name)")
                    }
                    entries.append(Entry(key: name, position: ConfigNode.position(key.mark), value: try read(value)))
                }
                return .map(entries)
            case .alias:
                throw mistake(node.mark, "an alias has no meaning here")
            }
        }

        private func tag(of node: Node) -> String {
            switch node {
            // Yams gives quoted text a tag of its own.
            case .scalar(let scalar) where scalar.style != .plain && scalar.tag.description == Tag.Name.str.rawValue: ""
            case .scalar(let scalar): scalar.tag.description
            case .sequence(let sequence): sequence.tag.description
            case .mapping(let mapping): mapping.tag.description
            case .alias: ""
            }
        }

        private func mistake(_ mark: Mark?, _ message: String) -> ConfigurationError {
            ConfigurationError([ConfigProblem(file: file, position: ConfigNode.position(mark), message: message)])
        }
    }

    private static func position(_ mark: Mark?) -> ConfigPosition {
        ConfigPosition(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    /// Where a key stands for the second time, in a map that begins at a mark and has a line for each key.
    private static func repetition(of keys: [String], in yaml: String, from mark: Mark) -> ConfigPosition? {
        let indentation = String(repeating: " ", count: max(0, mark.column - 1))
        let lines = yaml.split(omittingEmptySubsequences: false) { $0.isNewline }
        var seen = false
        for (index, line) in lines.enumerated().dropFirst(max(0, mark.line - 1)) {
            guard keys.contains(where: { line.hasPrefix("\(indentation)\($0):") }) else { continue }
            if seen { return ConfigPosition(line: index + 1, column: mark.column) }
            seen = true
        }
        return nil
    }

    private static func problem(_ error: any Error, yaml: String, file: String) -> ConfigProblem {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            let lines = yaml.split(omittingEmptySubsequences: false) { $0.isNewline }
            let line = lines.indices.contains(mark.line - 1) ? lines[mark.line - 1] : ""
            let advice =
                if line.contains("\t") {
                    "; indent with blanks, not with tabs"
                } else if line.contains("]:") || line.contains("*:") {
                    "; put quotes around an address that begins with [ or *"
                } else {
                    ""
                }
            return ConfigProblem(file: file, position: position(mark), message: "this is not YAML: \(problem)\(advice)")
        case .composer(let context, let problem, let mark, _):
            let message = [context?.text, problem].compactMap(\.self).joined(separator: " ")
            return ConfigProblem(file: file, position: position(mark), message: "this is not YAML: \(message)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            return ConfigProblem(
                file: file,
                position: repetition(of: duplicates, in: yaml, from: context.mark) ?? position(context.mark),
                message: "a key stands here more than once: \(duplicates.joined(separator: ", "))"
            )
        case .reader(let problem, _, _, _):
            return ConfigProblem(file: file, position: nil, message: "this is not YAML: \(problem)")
        default:
            return ConfigProblem(file: file, position: nil, message: "this is not YAML: \(error)")
        }
    }
}
