import Middleware

/// A configuration: what stands in the file, and what wins over it.
struct ConfigFile: Sendable {
    let file: String
    /// What relative paths in it are relative to.
    let folder: String
    private let root: ConfigNode
    private let overrides: ConfigOverrides

    /// Each takes a decoding of its own, and nobody reads so many.
    private static let mostMistakes = 100

    /// What is wrong before anything is decoded: references that lead nowhere.
    let problems: [ConfigProblem]
    private let broken: Set<[String]>
    /// What no message may have in it.
    private let secrets: Set<String>

    init(
        yaml: String,
        file: String,
        overrides: ConfigOverrides,
        environment: [String: String] = [:]
    ) throws(ConfigurationError) {
        let folder = Self.folder(of: file)
        var references = ConfigReferences(file: file, folder: folder, environment: environment)
        root = references.resolve(try ConfigNode(yaml: yaml, file: file))
        problems = references.problems
        broken = references.places
        secrets = references.values.filter { $0.count >= 6 }
        self.file = file
        self.folder = folder
        self.overrides = overrides
    }

    /// The folder, so that the path goes on as it was given.
    static func folder(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }

    /// Decodes what stands at a path.
    ///
    /// - Parameters:
    ///   - path: The path; an empty one for everything.
    ///   - body: Gets the decoder, and returns what it made of it.
    /// - Returns: What `body` returns.
    /// - Throws: All mistakes.
    func decode<Value>(at path: [String], _ body: (any Decoder) throws -> Value) throws(ConfigurationError) -> Value {
        let reading = read(at: path, body)
        guard let value = reading.value, reading.problems.isEmpty else { throw ConfigurationError(reading.problems) }
        return value
    }

    /// What could be read at a path, and all mistakes there.
    struct Reading<Value> {
        /// Where there are mistakes, with something made up in their place; `nil` where that was not possible.
        var value: Value?
        var problems: [ConfigProblem]
        /// Where the mistakes are.
        var mistaken: Set<[String]>
        /// What the last attempt has noted down.
        var session: ConfigSession
    }

    /// Decodes what stands at a path, and finds all mistakes.
    ///
    /// A type's `init(from:)` ends at the first one. So that is left out as if it did not stand in the file, and the type is
    /// decoded again; and so on. It works for every `Decodable`, and nobody has to write one of a special kind for it.
    ///
    /// - Parameters:
    ///   - path: The path; an empty one for everything.
    ///   - own: Keys there that somebody else reads.
    ///   - body: Gets the decoder, and returns what it made of it.
    /// - Returns: What could be read, and the mistakes.
    func read<Value>(
        at path: [String],
        sparing own: Set<String> = [],
        _ body: (any Decoder) throws -> Value
    ) -> Reading<Value> {
        // A reference that leads nowhere was reported already.
        var leftOut = broken.filter { $0.starts(with: path) }
        var mistaken = leftOut
        var found: [ConfigProblem] = []
        let node = path.reduce(Optional(root)) { $0?[$1] }
        while true {
            let session = ConfigSession(
                file: file,
                folder: folder,
                overrides: overrides,
                leavingOut: leftOut,
                sparing: (path, own)
            )
            let decoder = ConfigDecoder(session: session, node: node, codingPath: path.map(Name.init))
            func reading(_ value: Value?) -> Reading<Value> {
                Reading(value: value, problems: found, mistaken: mistaken, session: session)
            }
            do {
                let value = try body(decoder)
                found += session.unknownKeys(below: path)
                return reading(value)
            } catch let error as ConfigurationError {
                found += error.problems
                return reading(nil)
            } catch {
                let place = self.place(of: error) ?? path
                // A map of which something was left out may miss just that.
                let isConsequence = session.isLeftOut(place) || leftOut.contains { $0.starts(with: place) }
                if !isConsequence {
                    // What stands whole at the place of the mistake may have been mistyped, and be its reason.
                    found += session.unknownKeys(below: place)
                    found.append(problem(error, at: path, in: session))
                    mistaken.insert(place)
                    if case .valueNotFound? = error as? DecodingError, let name = session.mistyped(place) {
                        // It is told as what is missing, and need not be told as what is unknown.
                        leftOut.insert(place.dropLast() + [name])
                    }
                }
                guard found.count < Self.mostMistakes else {
                    let message = "there are so many mistakes that what is behind them was not looked at"
                    found.append(ConfigProblem(file: file, message: message))
                    return reading(nil)
                }
                // Where leaving it out has not helped, the map around it goes; as long as there is one.
                var cut = place
                while cut.count > path.count, leftOut.contains(cut) { cut.removeLast() }
                guard cut.count > path.count, cut.starts(with: path) else { return reading(nil) }
                leftOut.insert(cut)
            }
        }
    }

    private func place(of error: any Error) -> [String]? {
        guard let error = error as? DecodingError else { return nil }
        let place = error.context.codingPath.map(\.stringValue)
        guard case .keyNotFound(let key, _) = error else { return place }
        return place + [key.stringValue]
    }

    /// Whether the file or what wins over it says something at a path.
    func isPresent(_ path: [String]) -> Bool {
        overrides.value(at: path) != nil || path.reduce(Optional(root), { node, name in node?.child(name) }) != nil
    }

    /// The path of an element of a list, or that of the list where it was written as a single value.
    func elementPath(_ index: Int, at path: [String]) -> [String] {
        guard case .list = path.reduce(Optional(root), { node, name in node?.child(name) })?.content else {
            return path
        }
        return path + ["\(index)"]
    }

    /// The name of the environment variable that wins over the file at a path.
    func variable(at path: [String]) -> String { overrides.variable(at: path) }

    /// The variables that no key has; see ``ConfigOverrides``.
    func unknownVariables(known: Set<String>, sparing isSpared: (String) -> Bool) -> [ConfigProblem] {
        overrides.unknownVariables(known: known, sparing: isSpared)
    }

    /// The place of what stands at a path, such as `config.yml:12:5`.
    func describePlace(of path: [String]) -> String { problem(at: path, "").place }

    /// A mistake that a plug-in has found in its options.
    func problem(for error: OptionsError, at path: [String]) -> ConfigProblem {
        problem(at: path + error.key.split(separator: ".").map(String.init), error.description)
    }

    /// A mistake at a path, with the line where that stands, or where it would stand.
    func problem(at path: [String], _ message: String) -> ConfigProblem {
        let key = path.joined(separator: ".")
        let message = redacted(message, at: path)
        // What wins over a list wins over its elements.
        let sources = path.indices.reversed().lazy.compactMap { overrides.value(at: Array(path[...$0]))?.source }
        if let source = sources.first {
            return ConfigProblem(file: source, position: nil, key: key, message: message)
        }
        return ConfigProblem(file: file, position: position(of: path), key: key, message: message)
    }

    /// The message, without what references have led to.
    ///
    /// A plug-in that cannot start may tell of any of its options, wherever that is reported. Short texts are words or numbers, and
    /// hidden only where they stand.
    private func redacted(_ message: String, at path: [String]) -> String {
        let here = path.reduce(Optional(root)) { node, name in node?.child(name) }?.hiddenTexts ?? []
        let texts = here + secrets
        // The longest first: one may be part of another.
        return texts.sorted { $0.count > $1.count }.reduce(message) { $0.replacing($1, with: "(redacted)") }
    }

    private func problem(
        _ error: any Error,
        at path: [String],
        in session: ConfigSession
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
