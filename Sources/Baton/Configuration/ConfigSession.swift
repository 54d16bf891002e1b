import Middleware

/// What one decoding of a configuration notes down.
final class ConfigSession {
    /// A value that was read, and where it stands.
    struct Value: Sendable {
        enum Source: Sendable {
            case file(ConfigPosition?)
            case override(String)
        }

        let path: [String]
        /// As it may be shown.
        var text: String
        let source: Source
    }

    final class AskedKeys {
        var names: Set<String> = []
    }

    let file: String
    let overrides: ConfigOverrides
    let userInfo: [CodingUserInfoKey: Any]
    /// Where mistakes were found: what stands there is taken for missing, so that the search goes on behind it.
    private let leftOut: Set<[String]>
    /// The maps that were opened, and what was asked of them.
    private var opened: [(path: [String], entries: [ConfigNode.Entry], asked: AskedKeys)] = []
    private(set) var values: [Value] = []
    private var secrets: Set<[String]> = []
    /// The names of the variables that could have changed what was asked for.
    private(set) var variables: Set<String> = []

    /// Keys that somebody else reads, and the map that they stand in.
    private let spared: (path: [String], names: Set<String>)

    init(
        file: String,
        folder: String,
        overrides: ConfigOverrides,
        leavingOut leftOut: Set<[String]>,
        sparing spared: (path: [String], names: Set<String>)
    ) {
        self.file = file
        userInfo = ConfigPath.folderKey.map { [$0: folder] } ?? [:]
        self.overrides = overrides
        self.leftOut = leftOut
        self.spared = spared
    }

    /// The keys of the map at a path that were asked for.
    func names(at path: [String]) -> Set<String> {
        opened.filter { $0.path == path }.reduce(into: []) { $0.formUnion($1.asked.names) }
    }

    func isLeftOut(_ path: [String]) -> Bool {
        !leftOut.isEmpty && path.indices.contains { leftOut.contains(Array(path[...$0])) }
    }

    func override(at path: [String]) -> (text: String, source: String)? {
        variables.insert(overrides.variable(at: path))
        return isLeftOut(path) ? nil : overrides.value(at: path)
    }

    func open(_ path: [String], _ entries: [ConfigNode.Entry]) -> AskedKeys {
        let asked = AskedKeys()
        opened.append((path, entries, asked))
        return asked
    }

    func noteValue(_ path: [String], _ text: String, reference: String? = nil, from source: Value.Source) {
        // Asked for more than once by types that try.
        values.removeAll { $0.path == path }
        let shown = secrets.contains(path) ? Secret("").description : text
        values.append(Value(path: path, text: reference ?? shown, source: source))
    }

    /// What stands at a path, however it was read, is not shown.
    func noteSecret(_ path: [String]) { secrets.insert(path) }

    /// The keys at a path and below that stand in the file and that no type has asked for.
    func unknownKeys(below place: [String]) -> [ConfigProblem] {
        opened.flatMap { path, entries, asked -> [ConfigProblem] in
            guard path.starts(with: place) else { return [] }
            let read = path == spared.path ? asked.names.union(spared.names) : asked.names
            return entries.filter { !read.contains($0.key) && !isLeftOut(path + [$0.key]) }
                .map { entry in
                    ConfigProblem(
                        file: file,
                        position: entry.position,
                        key: (path + [entry.key]).joined(separator: "."),
                        message: "unknown key" + Suggestion.advice(for: entry.key, among: Array(asked.names))
                    )
                }
        }
    }

    /// The key in the file by which somebody probably meant one that is missing.
    func mistyped(_ key: [String]) -> String? {
        guard let name = key.last, let map = opened.last(where: { $0.path == key.dropLast() }) else { return nil }
        return map.entries.map(\.key)
            .first { entry in
                !map.asked.names.contains(entry) && Suggestion.nearest(to: entry, among: [name]) != nil
            }
    }
}
