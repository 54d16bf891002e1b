import Foundation

/// The table as `docs/framing.md` shows it.
enum FramingDocument {
    static let file = root.appending(path: "docs/framing.md")

    private static var root: URL {
        var url = URL(filePath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url
    }

    static func text() throws -> String {
        var text = """
            # Framing: what the RFCs demand, and what proves it

            Where one request ends and the next begins must be understood in one way only: a server and a proxy that differ on it
            can be made to take a part of one request for another, which is how requests are smuggled. Baton refuses what could be
            read in two ways, says why with a code that never changes, and closes the connection where the next request is lost.

            This file is generated from the tests (`make framing`), and a test fails where it is not what they say. Each case runs
            against the parser and over a real socket: in one piece, byte by byte, and cut in two at each place. They stand in
            `Tests/EventServerTests/Framing`. Sections are those of RFC 9112 (HTTP/1.1) and RFC 9110 (HTTP semantics); their
            demands are told in our words. *Sent* shows the bytes that matter; *answers* are the statuses of all responses.

            Every MUST of RFC 9112 that concerns a server stands here, those for what it sends included. Not here are those for
            clients, proxies and gateways, those for TLS (9.7 and 9.8), which ends in front of this server, those for the registry
            of codings (7.3) and for `message/http` (10.1), which no part of it reads; and that of servers without persistent
            connections (9.3), since this one has them.

            ## Codes

            | code | status | meaning | sections |
            |---|---|---|---|

            """
        for code in try knownCodes().sorted() { text += try codeRow(code) }
        text += "\n## Demands\n"
        var section = ""
        for rule in sortedRules {
            if rule.section != section {
                section = rule.section
                let parts = section.split(separator: ", ")
                text += "\n### RFC \(parts[0]), section \(parts.dropFirst().joined())\n"
            }
            text += "\n*RFC:* \(rule.demand)\n\n*Baton:* \(rule.answer)\n"
            if !rule.cases.isEmpty {
                text += "\n| case | sent | answers | code | connection |\n|---|---|---|---|---|\n"
                text += rule.cases.map(row).joined()
            }
            if !rule.tests.isEmpty {
                text += "\nAlso proven by \(rule.tests.map { "`\($0)`" }.joined(separator: ", ")).\n"
            }
        }
        return text
    }

    /// The codes in the sources, which is more than a table of ours could promise.
    static func knownCodes() throws -> Set<String> { Set(try refusals().map(\.code)) }

    private static func refusals() throws -> [(code: String, status: Int, reason: String)] {
        let source = try String(
            contentsOf: root.appending(path: "Sources/EventServer/Parser/RequestRefusal.swift"),
            encoding: .utf8
        )
        // Those without cases, whose statuses stand in the sources alone.
        let statuses = [".requestTimeout": 408, ".contentTooLarge": 413]
        return source.matches(of: /Self\(\s*"(H1-[A-Z0-9-]+)",\s*(\.\w+)?[^"]*"([^"]+)"/)
            .map { (String($0.1), $0.2.flatMap { statuses[String($0)] } ?? 400, String($0.3)) }
    }

    private static func codeRow(_ code: String) throws -> String {
        guard let refusal = try refusals().first(where: { $0.code == code }) else { return "" }
        let rules = sortedRules.filter { rule in rule.cases.contains { $0.code == code } || rule.answer.contains(code) }
        let statuses = Set(rules.flatMap(\.cases).filter { $0.code == code }.compactMap { $0.answers.last })
        let sections = rules.map(\.section).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let status = (statuses.isEmpty ? [refusal.status] : statuses.sorted()).map(String.init).joined(separator: ", ")
        return "| `\(code)` | \(status) | \(refusal.reason) | \(sections.joined(separator: "; ")) |\n"
    }

    private static func row(_ framing: FramingCase) -> String {
        let answers = framing.answers.map(String.init).joined(separator: ", ")
        let code = framing.code.map { "`\($0)`" } ?? ""
        return "| \(framing.name) | \(escaped(framing.shown)) | \(answers) | \(code) | \(framing.end.rawValue) |\n"
    }

    /// 9112 before 9110, and sections by their numbers.
    private static var sortedRules: [FramingRule] {
        FramingRule.all.enumerated()
            .sorted { left, right in
                let (first, second) = (key(left.element.section), key(right.element.section))
                return first == second ? left.offset < right.offset : first.lexicographicallyPrecedes(second)
            }
            .map(\.element)
    }

    private static func key(_ section: String) -> [Int] {
        let numbers = section.split { !$0.isNumber }.compactMap { Int($0) }
        return numbers.first.map { [-$0] + numbers.dropFirst() } ?? []
    }

    /// As a Swift literal would have it, in a cell of a table.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\r": result += "\\r"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\0": result += "\\0"
            case "\\": result += "\\\\"
            case "|": result += "\\|"
            case "\u{1}"..."\u{1F}", "\u{7F}"..."\u{9F}": result += "\\x\(String(scalar.value, radix: 16))"
            default: result.unicodeScalars.append(scalar)
            }
        }
        // Text with a backtick needs a longer fence.
        return result.contains("`") ? "`` \(result) ``" : "`\(result)`"
    }
}
