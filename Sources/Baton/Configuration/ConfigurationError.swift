/// One mistake in a configuration.
struct ConfigProblem: Sendable, Equatable, CustomStringConvertible {
    /// The file, or whatever else the value came from.
    var file: String
    var position: ConfigPosition?
    /// The path of the key, such as `middleware.auth.secret`; empty for the file as a whole.
    var key = ""
    var message: String

    /// The place, the key and the message.
    ///
    /// `config.yml:12:5: middleware.auth.secrt: unknown key; did you mean "secret"?`
    var description: String {
        let place = position.map { "\(file):\($0.line):\($0.column)" } ?? file
        return key.isEmpty ? "\(place): \(message)" : "\(place): \(key): \(message)"
    }
}

/// A configuration cannot be used.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    let problems: [ConfigProblem]

    init(_ problems: [ConfigProblem]) { self.problems = problems }

    /// One line for each mistake: file, line, column, key, what is wrong and what was probably meant.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
