import Yams

extension ConfigNode {
    /// Reads a YAML text.
    ///
    /// - Parameters:
    ///   - yaml: The text; an empty one is an empty map.
    ///   - file: The file's name, for the error.
    /// - Throws: ``ConfigurationError`` for what is not YAML, and for what YAML has but a configuration must not.
    init(yaml: String, file: String) throws(ConfigurationError) {
        guard let text = AliasFreeYAML(yaml) else {
            throw ConfigurationError([ConfigProblem(file: file, message: "this is not YAML: it is no text")])
        }
        do {
            // The parser holds the anchors, of which the nodes have weak references only.
            let parser = try Yams.Parser(yaml: text.yaml)
            defer { withExtendedLifetime(parser) {} }
            let node = try parser.singleRoot()
            var reader = YAMLReader(file: file, text: text)
            self =
                try node.map { try reader.read($0) }
                ?? ConfigNode(content: .map([]), position: ConfigPosition(line: 1, column: 1))
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError([Self.problem(error, text, yaml: yaml, file: file)])
        }
    }

    static func position(_ mark: Mark?) -> ConfigPosition {
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

    private static func problem(
        _ error: any Error,
        _ text: AliasFreeYAML,
        yaml: String,
        file: String
    ) -> ConfigProblem {
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
        case .duplicatedKeysInMapping(let keys, let context):
            let duplicates = keys.map(text.original)
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
