import Middleware

/// What a plug-in was built for and with, as `LoadablePlugin.handOver` has left it in the file.
struct PluginMarks {
    private static let prefix = "baton-plugin-mark "

    /// The values of each mark: several where it was put together of parts.
    private let values: [String: Set<String>]

    init(_ library: ELFFile) { self.init(lines: library.lines(beginningWith: Self.prefix)) }

    private init(lines: [String]) {
        values = lines.reduce(into: [:]) { values, line in
            let parts = line.split(separator: " ", maxSplits: 1)
            if parts.count == 2 { values[String(parts[0]), default: []].insert(String(parts[1])) }
        }
    }

    /// Compares with the marks of this program.
    ///
    /// - Parameter marks: The marks as they stand in a file.
    /// - Throws: ``PluginFault`` with what is different and what to do.
    func check(against marks: [String]) throws(PluginFault) {
        let own = PluginMarks(lines: marks.map { String($0.dropFirst(Self.prefix.count).dropLast()) })
        guard !values.isEmpty else {
            throw PluginFault(
                .notAPlugin,
                "was not built against Baton: call LoadablePlugin.handOver in its entry point"
            )
        }
        for (name, sentence) in Self.sentences {
            guard values[name] != own.values[name] else { continue }
            let (other, mine) = (Self.text(values[name]), Self.text(own.values[name]))
            throw PluginFault(.otherBuild, sentence(other, mine))
        }
    }

    private static func text(_ values: Set<String>?) -> String {
        values?.sorted().joined(separator: " and ") ?? "unknown"
    }

    private static let sentences: [(String, @Sendable (_ other: String, _ own: String) -> String)] = [
        ("version", { "was built for Baton \($0), and this is Baton \($1): build it against that" }),
        ("compiler", { "was built by Swift \($0), and this Baton by Swift \($1): build it with that" }),
        (
            "build",
            { other, own in
                let advice = own == "release" ? "`swift build -c release`" : "`swift build -c debug`"
                return "is of the build \(other), and this Baton of the build \(own): build it with \(advice)"
            }
        ),
    ]
}
