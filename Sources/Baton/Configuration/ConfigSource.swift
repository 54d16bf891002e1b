import Foundation

/// Where a configuration comes from, so that it can be read again.
struct ConfigSource: Sendable {
    /// What errors call the file.
    let file: String
    let options: [String: String]
    let environment: [String: String]
    private let text: @Sendable () throws(ConfigurationError) -> String

    init(
        file: String,
        options: [String: String],
        environment: [String: String],
        text: @escaping @Sendable () throws(ConfigurationError) -> String
    ) {
        self.file = file
        self.options = options
        self.environment = environment
        self.text = text
    }

    /// The text as it is now.
    func read() throws(ConfigurationError) -> String { try text() }

    /// A file.
    static func file(_ path: String, options: [String: String], environment: [String: String]) -> ConfigSource {
        ConfigSource(file: path, options: options, environment: environment) { () throws(ConfigurationError) in
            do {
                return try String(contentsOfFile: path, encoding: .utf8)
            } catch {
                let message =
                    "the file cannot be read. Name another one with --config, or begin with a copy of Baton's own."
                throw ConfigurationError([ConfigProblem(file: path, message: message)])
            }
        }
    }
}
