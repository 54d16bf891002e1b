import Configuration

/// The values that win over the file: first the command line's, then the environment's.
///
/// The order and the names are those of swift-configuration: `server.port` is `BATON_SERVER_PORT` in the environment. Its own
/// reader of YAML files is not used: it ignores keys that nobody asks for, and knows no lines, which a file that an operator
/// edits by hand must have.
struct ConfigOverrides: Sendable {
    private let providers: [(source: String, provider: any ConfigProvider)]
    /// The variables of the process that are meant for Baton.
    private let ours: [String]
    /// Knows the name of the variable of a key.
    private let names = EnvironmentVariablesProvider(environmentVariables: [:]).prefixKeys(with: "baton")

    /// - Parameters:
    ///   - options: Values of the command line, by the path of the key.
    ///   - environment: The variables of the process.
    init(options: [String: String], environment: [String: String]) {
        ours = environment.keys.filter { $0.hasPrefix("BATON_") && !Self.isLink($0, in: environment) }.sorted()
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

    /// The name of the environment variable that wins over the file at a path.
    func variable(at path: [String]) -> String {
        let result = try? names.value(forKey: AbsoluteConfigKey(path), type: .string)
        return result?.encodedKey ?? ""
    }

    /// The variables that no key has.
    ///
    /// - Parameters:
    ///   - known: The variables that some key has.
    ///   - isSpared: Whether a variable cannot be judged.
    /// - Returns: A problem for each.
    func unknownVariables(known: Set<String>, sparing isSpared: (String) -> Bool) -> [ConfigProblem] {
        // Of a map there is nothing to be set as a whole.
        let values = known.filter { name in !known.contains { $0.hasPrefix(name + "_") } }.sorted()
        return ours.filter { !known.contains($0) && !isSpared($0) }
            .map { name in
                let guess = Suggestion.nearest(to: name, among: values).map { "; did you mean \($0)?" }
                let advice = guess ?? ". No key of the configuration has this variable."
                return ConfigProblem(file: "environment (\(name))", message: "unknown variable" + advice)
            }
    }

    /// Kubernetes tells each container of a service called baton by variables such as `BATON_PORT_8080_TCP_ADDR`.
    private static func isLink(_ name: String, in environment: [String: String]) -> Bool {
        environment["BATON_SERVICE_HOST"] != nil
            && name.wholeMatch(of: /BATON_(SERVICE_HOST|(SERVICE_)?PORT(_.*)?)/) != nil
    }
}
