/// One mistake in a configuration.
struct ConfigProblem: Sendable, Equatable, CustomStringConvertible {
    /// The file, or whatever else the value came from.
    var file: String
    var position: ConfigPosition?
    /// The path of the key, such as `middleware.auth.secret`; empty for the file as a whole.
    var key = ""
    var message: String
    /// Whether the configuration can be used nevertheless.
    var isWarning = false

    /// Where it is, such as `config.yml:12:5`.
    var place: String { position.map { "\(file):\($0.line):\($0.column)" } ?? file }

    /// The place, the key and the message.
    ///
    /// `config.yml:12:5: middleware.auth.secrt: unknown key; did you mean "secret"?`
    var description: String {
        let kind = isWarning ? "warning: " : ""
        return key.isEmpty ? "\(place): \(kind)\(message)" : "\(place): \(kind)\(key): \(message)"
    }
}

/// A configuration cannot be used.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    let problems: [ConfigProblem]

    /// - Parameter problems: The mistakes, in any order; they are kept in the order of the file, and what comes from elsewhere
    ///   behind it.
    init(_ problems: [ConfigProblem]) {
        let order = problems.enumerated()
            .sorted { left, right in
                let (a, b) = (left.element.position ?? .last, right.element.position ?? .last)
                return (a.line, a.column, left.offset) < (b.line, b.column, right.offset)
            }
        var seen: Set<String> = []
        self.problems = order.map(\.element).filter { seen.insert($0.description).inserted }
    }

    /// One line for each mistake: file, line, column, key, what is wrong and what was probably meant.
    public var description: String { problems.map(\.description).joined(separator: "\n") }

    /// The same lines, each readable where Swift reports an error that nobody has caught.
    public var debugDescription: String { "the configuration cannot be used.\n\(description)\n" }
}

extension ConfigPosition {
    fileprivate static let last = ConfigPosition(line: .max, column: .max)
}
