import Yams

/// A YAML text in which each `*` is another character, so that the parser finds no alias in it.
///
/// Yams puts in the place of an alias what it stands for, and looks at all of that again: aliases of aliases keep it busy for ever
/// when they stand in a key, and end the process when they make it deep enough. It offers no way to be asked before. In the
/// other text an alias is a scalar that begins with the mark, in its place; wherever else the mark stands it is given back.
struct AliasFreeYAML {
    /// Stands for `*`: a character of private use, which the text has not.
    private let mark: Character?
    let yaml: String

    /// - Parameter yaml: The text. `nil` is made of one that has every character of private use.
    init?(_ yaml: String) {
        guard yaml.utf8.contains(UInt8(ascii: "*")) else {
            mark = nil
            self.yaml = yaml
            return
        }
        let used = Set(yaml.unicodeScalars.lazy.map(\.value).filter { (0xE000...0xF8FF).contains($0) })
        guard let free = (0xE000...0xF8FF).first(where: { !used.contains($0) }), let scalar = Unicode.Scalar(free)
        else {
            return nil
        }
        mark = Character(scalar)
        var other = String.UnicodeScalarView()
        for character in yaml.unicodeScalars { other.append(character == "*" ? scalar : character) }
        self.yaml = String(other)
    }

    /// What stands in the text that was given.
    func original(_ text: String) -> String {
        guard let mark, text.contains(mark) else { return text }
        return text.replacing(String(mark), with: "*")
    }

    /// What an alias leads to; `nil` for what is none.
    func anchor(in scalar: Node.Scalar) -> Substring? {
        guard let mark, scalar.style == .plain, scalar.string.first == mark else { return nil }
        return scalar.string.dropFirst()
    }
}

/// Turns the nodes of Yams into those of a configuration.
struct YAMLReader {
    /// What an anchor stands for.
    private struct Anchored {
        let node: ConfigNode
        /// How many nodes it is, itself and below, with all aliases followed.
        let size: Int
        /// How many levels there are below it.
        let height: Int
    }

    /// Beyond that nobody can have written it, but aliases of aliases in a small file can.
    private static let mostNodes = 100_000
    /// What decodes a node, or lets go of it, takes the stack for each level.
    private static let mostLevels = 100

    let file: String
    let text: AliasFreeYAML
    private var size = 0
    private var deepest = 0
    private var anchors: [String: Anchored] = [:]

    init(file: String, text: AliasFreeYAML) {
        self.file = file
        self.text = text
    }

    /// Reads a node and all below it.
    ///
    /// - Parameters:
    ///   - node: The node.
    ///   - level: How many stand above it.
    /// - Returns: What it is.
    /// - Throws: ``ConfigurationError`` for what YAML has but a configuration must not.
    mutating func read(_ node: Node, level: Int = 0) throws(ConfigurationError) -> ConfigNode {
        // Nothing here acts on a tag, so whoever writes one expects what will not happen.
        let tag = tag(of: node)
        guard tag.isEmpty else { throw mistake(node.mark, "tags such as \(tag) have no meaning here") }
        return try readUntagged(node, level: level)
    }

    private mutating func readUntagged(_ node: Node, level: Int) throws(ConfigurationError) -> ConfigNode {
        if case .scalar(let scalar) = node, let name = text.anchor(in: scalar) {
            let anchored = try anchored(name, node)
            try add(anchored.size, anchored.height, below: level, node.mark)
            return anchored.node
        }
        let (before, around) = (size, deepest)
        deepest = level
        try add(1, 0, below: level, node.mark)
        let result = ConfigNode(content: try content(of: node, level), position: ConfigNode.position(node.mark))
        if let anchor = node.anchor {
            anchors[anchor.rawValue] = Anchored(node: result, size: size - before, height: deepest - level)
        }
        deepest = max(around, deepest)
        return result
    }

    private mutating func add(
        _ nodes: Int,
        _ height: Int,
        below level: Int,
        _ mark: Mark?
    ) throws(ConfigurationError) {
        size += nodes
        deepest = max(deepest, level + height)
        guard size < Self.mostNodes else { throw mistake(mark, "this is too large for a configuration") }
        guard deepest <= Self.mostLevels else {
            throw mistake(mark, "this is nested too deeply for a configuration")
        }
    }

    private func anchored(_ name: Substring, _ alias: Node) throws(ConfigurationError) -> Anchored {
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isName, !name.isEmpty, alias.anchor == nil else {
            let advice = "put quotes around an address that begins with [ or *, and around other text that does"
            throw mistake(alias.mark, "this is not YAML: what begins with * is an alias, and this is none; \(advice)")
        }
        guard let anchored = anchors[String(name)] else {
            throw mistake(alias.mark, "this is not YAML: found undefined alias")
        }
        return anchored
    }

    private mutating func content(of node: Node, _ level: Int) throws(ConfigurationError) -> ConfigNode.Content {
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain
            // The ways in which YAML writes "nothing"; quoted they are text.
            let isNull = isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return isNull ? .null : .scalar(text.original(scalar.string), isQuoted: !isPlain)
        case .sequence(let nodes):
            var elements: [ConfigNode] = []
            for node in nodes { elements.append(try read(node, level: level + 1)) }
            return .list(elements)
        case .mapping(let mapping):
            var entries: [ConfigNode.Entry] = []
            var names: Set<String> = []
            for (key, value) in mapping {
                let name = try name(in: key, level + 1)
                guard names.insert(name).inserted else {
                    throw mistake(key.mark, "a key stands here more than once: \(name)")
                }
                let position = ConfigNode.position(key.mark)
                entries.append(
                    ConfigNode.Entry(key: name, position: position, value: try read(value, level: level + 1))
                )
            }
            return .map(entries)
        case .alias:
            throw mistake(node.mark, "an alias has no meaning here")
        }
    }

    private mutating func name(in key: Node, _ level: Int) throws(ConfigurationError) -> String {
        guard case .scalar(let scalar) = key else { throw mistake(key.mark, "a key must be a single value") }
        // To find repeated keys Yams has given each a tag, which is told from one that was written no more.
        switch try readUntagged(key, level: level).content {
        case .scalar(let name, _): return name
        case .null where text.anchor(in: scalar) == nil: return scalar.string
        default: throw mistake(key.mark, "a key must be a single value")
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
