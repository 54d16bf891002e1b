/// The hosts of routes: a name, or `*.` and a name for all hosts below it.
enum HostPattern {
    /// What is wrong with a pattern; `nil` where it is in order.
    static func problem(in pattern: String) -> String? {
        let name = pattern.hasPrefix("*.") ? pattern.dropFirst(2) : pattern[...]
        guard !name.isEmpty, name.utf8.count <= longest else { return "it is empty, or too long for a host" }
        let isAddress =
            pattern.hasPrefix("[") && pattern.hasSuffix("]")
            && pattern.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            !label.isEmpty && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
        guard isName || isAddress else { return "it must be a name like 'shop.test' or '*.shop.test', without a port" }
        return nil
    }

    /// RFC 1035, section 2.3.4; with a longer one nobody has reached this server by its name.
    private static let longest = 253

    /// The patterns that a request's host has, the closest first.
    ///
    /// - Parameter authority: Host and port, as the client sent them.
    /// - Returns: The host in lower case, without its port and a dot at its end, and what may stand in its place; nothing
    ///   where there is no host.
    static func candidates(for authority: String) -> [String] {
        var host = authority[...]
        if !host.hasSuffix("]"), let colon = host.utf8.lastIndex(of: UInt8(ascii: ":")) { host = host[..<colon] }
        if host.hasSuffix(".") { host = host.dropLast() }
        guard !host.isEmpty, host.utf8.count <= longest else { return [] }
        let name = host.lowercased()
        var candidates = [name]
        var rest = name[...]
        while let dot = rest.utf8.firstIndex(of: UInt8(ascii: ".")) {
            candidates.append("*\(rest[dot...])")
            rest = rest[rest.utf8.index(after: dot)...]
        }
        return candidates
    }
}
