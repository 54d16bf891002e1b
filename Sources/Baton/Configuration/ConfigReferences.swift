import Foundation

/// Puts values from elsewhere into a configuration: `${ENV:NAME}` from the environment, `${FILE:path}` from a file.
///
/// For what must not stand in a file that people copy and commit. Such a value is never shown: where the configuration is
/// printed, the reference stands in its place. `$${` stands for `${` itself.
struct ConfigReferences {
    /// A value that a reference leads to, or why there is none.
    private enum Target {
        case value(String)
        case mistake(String)
    }

    /// More is no secret and no setting, but the wrong file.
    private static let fileLimit = 1 << 20
    private static let kinds = ["ENV", "FILE"]

    let file: String
    let folder: String
    let environment: [String: String]
    private(set) var problems: [ConfigProblem] = []
    /// Where the problems are.
    private(set) var places: Set<[String]> = []
    /// What the references have led to.
    private(set) var values: Set<String> = []

    init(file: String, folder: String, environment: [String: String]) {
        self.file = file
        self.folder = folder
        self.environment = environment
    }

    /// The same configuration, with all references followed; what has none stays as it is.
    mutating func resolve(_ node: ConfigNode, at path: [String] = []) -> ConfigNode {
        var node = node
        switch node.content {
        case .null: break
        case .scalar(let text, _):
            guard text.contains("${") else { break }
            let resolved = resolve(text, at: path, node.position)
            // Text or number: the quotes that YAML wants around braces say nothing about what is behind them.
            node.content = resolved.map { .scalar($0.text, isQuoted: !$0.isReference) } ?? .null
            node.reference = resolved.map { $0.isReference ? text : nil } ?? text
        case .list(let elements):
            node.content = .list(elements.enumerated().map { resolve($0.element, at: path + ["\($0.offset)"]) })
        case .map(let entries):
            node.content = .map(
                entries.map { entry in
                    var entry = entry
                    entry.value = resolve(entry.value, at: path + [entry.key])
                    return entry
                }
            )
        }
        return node
    }

    /// The text with its references followed; `nil` where one leads nowhere.
    private mutating func resolve(
        _ text: String,
        at path: [String],
        _ position: ConfigPosition
    ) -> (text: String, isReference: Bool)? {
        var result = ""
        var rest = text[...]
        var isReference = false
        var isWhole = true
        while let start = rest.firstRange(of: "${") {
            let before = rest[..<start.lowerBound]
            // Only where it stands in the file: a value that was put in may end as it likes.
            if before.hasSuffix("$") {
                result += "\(before.dropLast())${"
                rest = rest[start.upperBound...]
                continue
            }
            result += before
            isReference = true
            let end = rest[start.upperBound...].firstIndex(of: "}") ?? rest.endIndex
            switch target(of: rest[start.upperBound..<end], isClosed: end < rest.endIndex) {
            case .value(let value):
                values.insert(value)
                result += value
            case .mistake(let message):
                isWhole = false
                places.insert(path)
                let key = path.joined(separator: ".")
                problems.append(ConfigProblem(file: file, position: position, key: key, message: message))
            }
            rest = end < rest.endIndex ? rest[rest.index(after: end)...] : ""
        }
        return isWhole ? (result + rest, isReference) : nil
    }

    private func target(of reference: Substring, isClosed: Bool) -> Target {
        let parts = reference.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard isClosed, parts.count == 2, !parts[1].isEmpty else {
            return .mistake("a reference is ${ENV:NAME} or ${FILE:path}; $${ stands for ${ itself")
        }
        let name = String(parts[1])
        switch parts[0] {
        case "ENV":
            guard let value = environment[name] else {
                return .mistake("the environment has no variable \(name)" + advice(for: name))
            }
            return value.isEmpty ? .mistake("the environment variable \(name) is empty") : .value(value)
        case "FILE": return content(of: name)
        default:
            let kind = String(parts[0])
            return .mistake("unknown reference ${\(kind):...}" + Suggestion.advice(for: kind, among: Self.kinds))
        }
    }

    private func advice(for name: String) -> String {
        Suggestion.nearest(to: name, among: environment.keys.sorted()).map { "; did you mean \($0)?" } ?? ""
    }

    /// Where the files are that a text names, as far as it can be told without reading it: a file may be missing, and the text
    /// be no configuration.
    static func paths(in text: String, folder: String) -> Set<String> {
        Set(text.matches(of: /\$\{FILE:([^}]+)\}/).map { path(of: String($0.output.1), folder: folder) })
    }

    private static func path(of name: String, folder: String) -> String {
        name.hasPrefix("/") || folder == "." ? name : "\(folder)/\(name)"
    }

    private func content(of name: String) -> Target {
        let path = Self.path(of: name, folder: folder)
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        )
        guard let attributes else { return .mistake("there is no file \(path)") }
        // A pipe could keep the start waiting for ever.
        guard attributes[.type] as? FileAttributeType == .typeRegular else { return .mistake("\(path) is no file") }
        guard (attributes[.size] as? Int).map({ $0 <= Self.fileLimit }) == true else {
            return .mistake("\(path) is larger than 1 MiB")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            return .mistake("\(path) cannot be read: look at its owner and permissions")
        }
        guard var text = String(validating: data, as: UTF8.self) else {
            return .mistake("\(path) is not text in UTF-8")
        }
        // As editors and `echo` write it; by scalars, since "\r\n" is one character.
        if text.unicodeScalars.last == "\n" {
            text.unicodeScalars.removeLast()
            if text.unicodeScalars.last == "\r" { text.unicodeScalars.removeLast() }
        }
        return text.isEmpty ? .mistake("\(path) is empty") : .value(text)
    }
}
