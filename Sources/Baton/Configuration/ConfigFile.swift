import Middleware

/// A configuration: what stands in the file, and what wins over it.
struct ConfigFile: Sendable {
    let file: String
    private let root: ConfigNode
    private let overrides: ConfigOverrides

    init(yaml: String, file: String, overrides: ConfigOverrides) throws(ConfigurationError) {
        root = try ConfigNode(yaml: yaml, file: file)
        self.file = file
        self.overrides = overrides
    }

    /// Decodes what stands at a path.
    ///
    /// - Parameters:
    ///   - path: The path; an empty one for everything.
    ///   - body: Gets the decoder, and returns what it made of it.
    /// - Throws: Every key that nobody asked for, or the first value that is wrong.
    func decode<Value>(at path: [String], _ body: (any Decoder) throws -> Value) throws(ConfigurationError) -> Value {
        let session = ConfigDecoder.Session(file: file, overrides: overrides)
        let node = path.reduce(Optional(root)) { $0?[$1] }
        let decoder = ConfigDecoder(session: session, node: node, codingPath: path.map(Name.init))
        let value: Value
        do {
            value = try body(decoder)
        } catch let error as ConfigurationError {
            throw error
        } catch let error as OptionsError {
            let key = error.key.isEmpty ? path : path + error.key.split(separator: ".").map(String.init)
            throw ConfigurationError([problem(at: key, error.description)])
        } catch {
            throw ConfigurationError([problem(error, at: path)])
        }
        let unknown = session.unknownKeys
        guard unknown.isEmpty else { throw ConfigurationError(unknown) }
        return value
    }

    /// A mistake at a path, with the line where that stands, or where it would stand.
    func problem(at path: [String], _ message: String) -> ConfigProblem {
        let key = path.joined(separator: ".")
        if let (_, source) = overrides.value(at: path) {
            return ConfigProblem(file: source, position: nil, key: key, message: message)
        }
        return ConfigProblem(file: file, position: position(of: path), key: key, message: message)
    }

    private func problem(_ error: any Error, at path: [String]) -> ConfigProblem {
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            problem(at: context.codingPath.map(\.stringValue), "\"\(key.stringValue)\" is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            problem(at: context.codingPath.map(\.stringValue), context.debugDescription)
        default:
            problem(at: path, "\(error)")
        }
    }

    /// Where the value at a path stands; where a part of the path is missing, what is there of it.
    private func position(of path: [String]) -> ConfigPosition {
        var node = root
        var position = root.position
        for name in path {
            switch node.content {
            case .map(let entries):
                guard let entry = entries.first(where: { $0.key == name }) else { return position }
                node = entry.value
                if case .scalar = node.content { position = node.position } else { position = entry.position }
            case .list(let elements):
                guard let index = Int(name), elements.indices.contains(index) else { return position }
                node = elements[index]
                position = node.position
            default:
                return position
            }
        }
        return position
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
