/// Paths that an operator names: each is one path, or with a `*` at its end all paths that begin so.
struct PathRules: Sendable {
    private let paths: Set<String>
    private let prefixes: [Substring]

    /// - Parameters:
    ///   - rules: The paths.
    ///   - key: The option that they stand in, for the error.
    /// - Throws: ``OptionsError`` for a path that no request can have: it would never do what its author had in mind.
    init(_ rules: [String], key: String) throws(OptionsError) {
        if let mistake = Self.mistakes(in: rules, key: key).first { throw mistake }
        paths = Set(rules.filter { !$0.hasSuffix("*") })
        prefixes = rules.filter { $0.hasSuffix("*") }.map { $0.dropLast() }
    }

    /// The rules that no request can match: they would never do what their author had in mind.
    static func mistakes(in rules: [String], key: String) -> [OptionsError] {
        rules.enumerated()
            .compactMap { index, rule in
                let path = rule.hasSuffix("*") ? rule.dropLast() : rule[...]
                guard !path.isRequestPath || path.contains("*") else { return nil }
                let message =
                    "\"\(rule)\" is not a path: it must begin with '/', be encoded, and have '*' only at its end."
                return OptionsError(key: "\(key).\(index)", message)
            }
    }

    func contains(_ path: String) -> Bool {
        paths.contains(path) || (prefixes.contains { path.hasPrefix($0) } && !Self.climbs(path))
    }

    /// Whether the path leads upwards for somebody who decodes and resolves it, as a handler of files does.
    ///
    /// `/public/..` only looks as if it were below `/public/`.
    private static func climbs(_ path: String) -> Bool {
        guard let decoded = PercentEncoding.decode(path[...]) else { return true }
        // By bytes: by characters, a slash before a combining accent would be none.
        return decoded.utf8.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
            .contains { $0.elementsEqual("..".utf8) }
    }
}

extension StringProtocol {
    /// Whether a request can have this path, as it stands on the wire; nothing else is worth comparing with.
    var isRequestPath: Bool {
        hasPrefix("/")
            && utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    }
}
