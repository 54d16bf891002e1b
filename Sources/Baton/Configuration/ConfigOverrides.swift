import Configuration

/// The values that win over the file: first the command line's, then the environment's.
///
/// The order and the names are those of swift-configuration: `server.port` is `BATON_SERVER_PORT` in the environment. Its own
/// reader of YAML files is not used: it ignores keys that nobody asks for, and knows no lines, which a file that an operator
/// edits by hand must have.
struct ConfigOverrides: Sendable {
    private let providers: [(source: String, provider: any ConfigProvider)]

    /// - Parameters:
    ///   - options: Values of the command line, by the path of the key.
    ///   - environment: The variables of the process.
    init(options: [String: String], environment: [String: String]) {
        let values = options.map {
            (AbsoluteConfigKey(ConfigKey($0.key)), ConfigValue(.string($0.value), isSecret: false))
        }
        providers = [
            ("command line", InMemoryProvider(values: Dictionary(values) { first, _ in first })),
            (
                "environment",
                EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "baton")
            ),
        ]
    }

    /// The value of the key at a path, and where it comes from.
    func value(at path: [String]) -> (text: String, source: String)? {
        let key = AbsoluteConfigKey(path)
        for (source, provider) in providers {
            // Asked for as text, a value cannot be of the wrong type.
            guard let result = try? provider.value(forKey: key, type: .string), let value = result.value,
                case .string(let text) = value.content
            else { continue }
            return (text, "\(source) (\(result.encodedKey))")
        }
        return nil
    }
}
