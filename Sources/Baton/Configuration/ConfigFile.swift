import Middleware

/// A configuration: what stands in the file, and what wins over it.
struct ConfigFile: Sendable {
    let file: String
    /// What relative paths in it are relative to.
    var folder: String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }
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
    /// - Returns: What `body` returns.
    /// - Throws: Every key that nobody asked for, or the first value that is wrong.
    func decode<Value>(at path: [String], _ body: (any Decoder) throws -> Value) throws(ConfigurationError) -> Value {
        let (value, problems) = read(at: path, body)
        guard let value, problems.isEmpty else { throw ConfigurationError(problems) }
        return value
    }

    /// Decodes what stands at a path, and tells of all mistakes beside what could be made of it.
    func read<Value>(at path: [String], _ body: (any Decoder) throws -> Value) -> (Value?, [ConfigProblem]) {
        let session = ConfigDecoder.Session(file: file, folder: folder, overrides: overrides)
        let node = path.reduce(Optional(root)) { $0?[$1] }
        let decoder = ConfigDecoder(session: session, node: node, codingPath: path.map(Name.init))
        do {
            let value = try body(decoder)
            return (value, session.unknownKeys(below: path))
        } catch let error as ConfigurationError {
            return (nil, error.problems)
        } catch {
            // What stands whole at the place of the mistake may have been mistyped, and be its reason.
            let place = (error as? DecodingError)?.context.codingPath.map(\.stringValue) ?? path
            return (nil, session.unknownKeys(below: place) + [problem(error, at: path, in: session)])
        }
    }

    /// A mistake that a plug-in has found in its options.
    func problem(for error: OptionsError, at path: [String]) -> ConfigProblem {
        problem(at: path + error.key.split(separator: ".").map(String.init), error.description)
    }

    /// A mistake at a path, with the line where that stands, or where it would stand.
    func problem(at path: [String], _ message: String) -> ConfigProblem {
        let key = path.joined(separator: ".")
        // What wins over a list wins over its elements.
        let sources = path.indices.reversed().lazy.compactMap { overrides.value(at: Array(path[...$0]))?.source }
        if let source = sources.first {
            return ConfigProblem(file: source, position: nil, key: key, message: message)
        }
        return ConfigProblem(file: file, position: position(of: path), key: key, message: message)
    }

    private func problem(
        _ error: any Error,
        at path: [String],
        in session: ConfigDecoder.Session
    ) -> ConfigProblem {
        guard let error = error as? DecodingError else { return problem(at: path, "\(error)") }
        let place = error.context.codingPath.map(\.stringValue)
        switch error {
        case .keyNotFound(let key, _):
            return problem(at: place, "\"\(key.stringValue)\" is missing")
        case .valueNotFound(_, let context):
            let advice = session.mistyped(place).map { "; did you mean it by \"\($0)\"?" } ?? ""
            return problem(at: place, context.debugDescription + advice)
        default:
            return problem(at: place, error.context.debugDescription)
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

extension DecodingError {
    fileprivate var context: Context {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context
        @unknown default:
            Context(codingPath: [], debugDescription: "\(self)")
        }
    }
}
