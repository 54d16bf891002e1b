import Foundation
import Testing

/// `docs/context-laws.md` says which test stands for which law and which row of the checklist; it is made from the tests.
@Suite("docs/context-laws.md") struct ContextLawsDocumentTests {
    @Test("is what the tests say; BATON_WRITE_LAWS=1 writes it anew")
    func isUpToDate() throws {
        let file = SourceFile.root.appending(path: "docs/context-laws.md")
        let text = try Self.document()
        if ProcessInfo.processInfo.environment["BATON_WRITE_LAWS"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let found = try String(contentsOf: file, encoding: .utf8)
        #expect(found == text, "say 'make laws'")
    }

    @Test("each law and each row has a test, or a reason why it has none")
    func nothingIsForgotten() throws {
        let covered = Set(try Self.claims().map(\.row))
        for row in Self.rows where !covered.contains(row) { #expect(Self.leftOut[row] != nil, "\(row)") }
        #expect(covered.isSubset(of: Self.rows), "\(covered.subtracting(Self.rows)) are no rows")
        #expect(Set(Self.leftOut.keys).isSubset(of: Self.rows))
    }

    /// Where the rows come from: what the tests of these projects check was written down as a list, and numbered.
    private static let origins: [(prefix: String, name: String, count: Int, holes: Set<Int>)] = [
        ("Law ", "Baton's laws of `submit`", 12, []),
        ("FT", "Flask-Threads", 5, []),
        ("FE", "Flask-Executor", 8, []),
        ("FL", "Flask", 9, []),
        ("MP", "MicroProfile Context Propagation (TCK)", 33, [15, 24]),
        ("CF", "CPython's concurrent.futures", 42, [28, 40]),
        ("MM", "Micrometer's context-propagation", 20, [17]),
        ("SR", "SmallRye Context Propagation", 3, []),
        ("OB", "what was observed to go wrong elsewhere", 13, []),
    ]

    private static let leftOut = [
        "FE7": "There are no callbacks for a whole pool: `ContextPoolObserver` is told of every job's end.",
        "FL4":
            "A teardown gets its context and no error: the outcome is that of the future, which a callback receives.",
        "FL5": "As FL4.",
        "FL7": "There is no context of an application that ends: it has no teardown.",
        "FL8": "A teardown callback cannot throw, which the compiler checks.",
        "MP9": "There is one `submit`; a future that nobody wants is dropped.",
        "MP10": "As MP9.",
        "CF2": "The body is a closure and takes no arguments, so that no name can collide.",
        "CF4": "Items are not sent in chunks: no other process is reached.",
        "CF38": "A process that ends ends its threads; whoever wants the jobs awaits `shutDown`.",
        "MM15": "There is no scheduled executor.",
    ]

    private static var rows: [String] {
        origins.flatMap { origin in
            (1...origin.count).filter { !origin.holes.contains($0) }.map { "\(origin.prefix)\($0)" }
        }
    }

    private struct Claim {
        let row: String
        let test: String
        let suite: String
    }

    /// What the display names of the tests claim.
    private static func claims() throws -> [Claim] {
        try SourceFile.tests.flatMap { file in
            file.lines.joined(separator: "\n").matches(of: /@Test\(\s*"((?:[^"\\]|\\.)*)"/)
                .flatMap { match -> [Claim] in
                    let name = String(match.output.1)
                    // The codes stand before the colon: "Law 2, MP6: ...".
                    guard
                        let codes = name.firstMatch(of: #/^((?:Law |[A-Z]{2})[0-9]+(?:, (?:Law |[A-Z]{2})[0-9]+)*): /#)
                    else {
                        return []
                    }
                    let claim = String(name[codes.range.upperBound...]).replacing("\\\"", with: "\"")
                        .replacing("|", with: "\\|")
                    return codes.output.1.components(separatedBy: ", ")
                        .map { Claim(row: $0, test: claim, suite: file.name.replacing(".swift", with: "")) }
                }
        }
    }

    private static func document() throws -> String {
        let claims = Dictionary(grouping: try claims(), by: \.row)
        var text = """
            # The laws of the context, and their tests

            The twelve laws stand in the doc comment of `ContextPool.submit`. Beside them there is a checklist: what the tests of others
            check, and what was observed to go wrong, row by row. This says which test stands for which law and which row. It is made
            from the names of the tests (`make laws`), and a test fails where it is not up to date. To hold the laws against a
            propagator or an executor of your own there is `ContextLaws` in the module `ContextPoolTesting`.

            """
        for origin in origins {
            text +=
                "\n## \(origin.name.prefix(1).uppercased() + origin.name.dropFirst())\n\n| row | what is claimed | tests |\n|---|---|---|\n"
            for number in 1...origin.count where !origin.holes.contains(number) {
                let row = "\(origin.prefix)\(number)"
                guard let tests = claims[row] else {
                    text += "| \(row) | | left out: \(leftOut[row] ?? "?") |\n"
                    continue
                }
                for claim in tests { text += "| \(row) | \(claim.test) | \(claim.suite) |\n" }
            }
        }
        return text
    }
}
