import Foundation
import TestSupport
import Testing

@testable import Baton

/// Configurations that somebody has typed badly: from a seed, so that each can be had again.
@Suite struct ConfigurationFuzzTests {
    private static let secret = "hunter2-that-nobody-must-see-in-any-message"

    private static let words = [
        "null", "~", "''", "[]", "{}", "[[]]", "{a: {b: c}}", "-1", "0", "9999999999999999999999", "1e400", "0x10",
        "010",
        "true", "maybe", "10s", "-5s", "0s", "99999999d", "64KiB", "9999999TiB", "*", "/", "/a/*", "&a x", "*a",
        "&a [*a, *a]", "!!int 7",
        "|",
        "\"\\u0000\"", "\"${ENV:SECRET}\"", "[\"${ENV:SECRET}\"]", "{k: \"${ENV:SECRET}\"}", "\"a${ENV:SECRET}b\"",
        "${ENV:", "\"${ENV:NONE}\"", "\"${FILE:/dev/zero}\"", "\"${FILE:/}\"", "a: b", "\t", "é", "\u{202e}", "#",
        ": :",
    ]

    /// The file that Baton comes with, without the lines that are comments, and with a chain and options of each kind.
    private static func lines() throws -> [String] {
        let file = URL(filePath: #filePath).appending(path: "../../../../config.yml").standardizedFileURL
        let text =
            try String(contentsOf: file, encoding: .utf8) + """

                chains:
                  api: {scope: [below /api, exactly /x], steps: [limits]}
                """
        return text.split(separator: "\n").map(String.init)
            .filter { !$0.drop { $0 == " " }.hasPrefix("#") && !$0.isEmpty }
    }

    private static func mutated(_ lines: [String], _ random: inout SeededGenerator) -> String {
        var lines = lines
        for _ in 0...Int.random(in: 0..<4, using: &random) {
            let place = Int.random(in: 0..<lines.count, using: &random)
            let word = words.randomElement(using: &random) ?? ""
            switch Int.random(in: 0..<7, using: &random) {
            case 0: lines.remove(at: place)
            case 1: lines.insert(lines[Int.random(in: 0..<lines.count, using: &random)], at: place)
            case 2: lines[place] = " " + lines[place]
            case 3: lines[place] = String(lines[place].drop { $0 == " " })
            case 4: lines[place] += " \(word)"
            default:
                let key = lines[place].prefix { $0 != ":" }
                lines[place] = "\(key): \(word)"
            }
        }
        return lines.joined(separator: "\n")
    }

    @Test func `whatever is written, it is in order or a list of mistakes, and tells no secret`() async throws {
        var random = SeededGenerator(seed: 10)
        let lines = try Self.lines()
        var wrong = 0
        for _ in 0..<400 {
            let yaml = Self.mutated(lines, &random)
            do throws(any Error) {
                let app = try await Application(yaml: yaml, environment: ["SECRET": Self.secret])
                let listing = try app.describeChain()
                #expect(!listing.contains(Self.secret), "\(yaml)")
            } catch let error as ConfigurationError {
                wrong += 1
                #expect(!error.problems.isEmpty)
                #expect(!error.description.contains(Self.secret), "\(error)\n\(yaml)")
            }
        }
        #expect(wrong > 200)
    }
}
