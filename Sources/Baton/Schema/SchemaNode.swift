/// What a configuration may have at one place, as a JSON Schema says it.
final class SchemaNode {
    /// A kind of single value.
    enum Scalar: Equatable {
        case text
        case secret
        case path
        case duration
        case size
        case truth
        case whole
        case real
        case choice([String])
    }

    var scalar: Scalar?
    /// Which numbers may be written: from one to another.
    var least: (any Sendable)?
    var most: (any Sendable)?
    /// What holds where nothing is written, as JSON has it.
    var fallback: (any Sendable)?
    /// The keys of a map, in the order in which they were asked for.
    private(set) var properties: [(name: String, node: SchemaNode)] = []
    private(set) var optional: Set<String> = []
    var isMap = false
    /// Whether it is missed where it is left out, though it may be an empty map.
    var isNamedMap = false
    /// Whether a map may have keys that are not known.
    var isOpen = false
    /// What a map with names of its own has behind each.
    private(set) var entries: SchemaNode?
    private(set) var elements: SchemaNode?
    /// Whether a list may be written as a single value.
    var isSingleAllowed = false

    func property(_ name: String) -> SchemaNode {
        isMap = true
        if let known = properties.first(where: { $0.name == name }) { return known.node }
        let node = SchemaNode()
        properties.append((name, node))
        return node
    }

    func noteOptional(_ name: String) { optional.insert(name) }

    func makeEntries() -> SchemaNode {
        isMap = true
        let node = entries ?? SchemaNode()
        entries = node
        return node
    }

    func makeElements() -> SchemaNode {
        let node = elements ?? SchemaNode()
        elements = node
        return node
    }

    /// Whether it cannot be left out where nobody asks for it first; a map of known keys is then one of defaults.
    private var isMissed: Bool { scalar != nil || elements != nil || isNamedMap }

    /// The schema, as `JSONSerialization` writes it.
    var json: [String: Any] {
        if let elements {
            var list: [String: Any] = ["type": ["array", "null"], "items": elements.json]
            list["default"] = fallback
            return isSingleAllowed ? ["anyOf": [list, elements.json]] : list
        }
        if isMap {
            var map: [String: Any] = ["type": ["object", "null"]]
            map["additionalProperties"] = entries.map { $0.json as Any } ?? isOpen
            if !properties.isEmpty {
                map["properties"] = Dictionary(properties.map { ($0.name, $0.node.json) }) { first, _ in first }
            }
            let required = properties.filter { $0.node.isMissed && !optional.contains($0.name) }.map(\.name)
            if !required.isEmpty { map["required"] = required }
            return map
        }
        var json = scalar?.json(from: least, to: most) ?? [:]
        json["default"] = fallback
        return json
    }
}

extension SchemaNode.Scalar {
    /// What is text here may look like something else to an editor: `0660`, `true`.
    private static var anything: [String: Any] { ["type": ["string", "number", "boolean"]] }

    /// What comes from elsewhere may be written in the place of any value.
    private static var reference: [String: Any] { ["type": "string", "pattern": #"\$\{(ENV|FILE):"#] }

    fileprivate func json(from least: Any?, to most: Any?) -> [String: Any] {
        func number(_ type: String) -> [String: Any] {
            var json: [String: Any] = ["type": type]
            json["minimum"] = least
            json["maximum"] = most
            return Self.orReference(json)
        }
        return switch self {
        case .text: Self.anything
        case .secret: Self.anything.merging(["description": "A secret: better ${ENV:NAME} or ${FILE:path}."]) { $1 }
        case .path: Self.anything.merging(["description": "A path; a relative one is beside this file."]) { $1 }
        case .duration:
            Self.orReference([
                "type": "string", "pattern": "^[1-9][0-9]{0,6}(ms|s|m|h|d)$", "examples": ["10s"],
                "description": "A length of time: 500ms, 10s, 2m, 1h or 30d.",
            ])
        case .size:
            Self.orReference([
                "description": "A number of bytes: 512, 64KiB, 1MiB or 2GiB.",
                "anyOf": [
                    ["type": "integer", "minimum": 1], ["type": "string", "pattern": "^[1-9][0-9]*(KiB|MiB|GiB)?$"],
                ] as [[String: Any]], "examples": ["64KiB"],
            ])
        case .truth: Self.orReference(["type": "boolean"])
        case .whole: number("integer")
        case .real: number("number")
        case .choice(let names): Self.orReference(["enum": names])
        }
    }

    private static func orReference(_ schema: [String: Any]) -> [String: Any] { ["anyOf": [schema, reference]] }
}
