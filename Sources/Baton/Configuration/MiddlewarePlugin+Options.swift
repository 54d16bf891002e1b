public import Middleware

extension MiddlewarePlugin {
    /// Reads options as `config.yml` would give them to this plug-in, and validates them; for tests.
    ///
    /// - Parameters:
    ///   - yaml: What stands below the name of the plug-in.
    ///   - folder: What relative paths in it are relative to.
    /// - Returns: The options.
    /// - Throws: ``ConfigurationError`` with all mistakes, each with its line in `yaml`.
    public static func options(yaml: String, folder: String = ".") throws(ConfigurationError) -> Options {
        let overrides = ConfigOverrides(options: [:], environment: [:])
        let config = try ConfigFile(yaml: yaml, file: "\(folder)/options.yml", overrides: overrides)
        let reading = config.read(at: []) { try Options(from: $0) }
        guard let options = reading.value, reading.problems.isEmpty else {
            throw ConfigurationError(config.problems + reading.problems)
        }
        let refusals = validate(options)
        guard refusals.isEmpty else { throw ConfigurationError(refusals.map { config.problem(for: $0, at: []) }) }
        return options
    }
}
