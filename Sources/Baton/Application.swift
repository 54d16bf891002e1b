import Foundation

/// A server made of a configuration file, middleware and routes.
///
/// ```swift
/// import Baton
///
/// @main struct Shop {
///     static func main() async {
///         await Application.serve(configFile: "config.yml") { app in
///             app.router.get("/hello") { request, context in .text("Hello, World!") }
///         }
///     }
/// }
/// ```
public struct Application: Sendable {
    /// The routes.
    public var router = Router()

    /// Settings and services that handlers and jobs find in `AppContext.current`; write them before ``run(onReady:)``.
    public var values = ContextValues()

    /// What the application needs to be of use, for `health` in the chain.
    public let healthChecks = HealthChecks()

    /// What log lines go to; those of a request carry its id.
    public let logger: Logger

    // Written by `Application+Testing.swift`, which moves a server to a free port.
    var settings: Settings
    private(set) var config: ConfigFile
    /// What is wrong outside of the middleware, told with what is wrong there.
    private(set) var problems: [ConfigProblem]
    /// The variables of the environment that some key outside of the middleware has.
    private(set) var variables: Set<String>
    /// The values outside of the middleware, by their keys, as they may be shown.
    private(set) var fixedValues: [String: String]
    /// What the configuration is read from, when it is read again.
    let source: ConfigSource
    private(set) var registry = MiddlewareRegistry.standard

    /// Reads a configuration file.
    ///
    /// - Parameters:
    ///   - configFile: The path of the file.
    ///   - options: Values that win over file and environment, by the path of the key: `["server.port": "9090"]`.
    /// - Throws: ``ConfigurationError`` where the file cannot be read or is not YAML. Mistakes in it are thrown by
    ///   ``run(onReady:)`` and ``checkChain()``, all at once: until then middleware can be registered.
    public init(configFile: String, options: [String: String] = [:]) async throws {
        let environment = ProcessInfo.processInfo.environment
        try self.init(source: .file(configFile, options: options, environment: environment))
    }

    /// Reads a configuration from a text.
    ///
    /// - Parameters:
    ///   - yaml: The text.
    ///   - file: What errors call it.
    ///   - options: Values that win over text and environment, by the path of the key.
    ///   - environment: The variables that win over the text, such as `BATON_SERVER_PORT`.
    ///   - logger: What log lines go to; standard error where it is `nil`.
    /// - Throws: ``ConfigurationError`` where the text is not YAML.
    public init(
        yaml: String,
        file: String = "config.yml",
        options: [String: String] = [:],
        environment: [String: String] = [:],
        logger: Logger? = nil
    ) async throws {
        let source = ConfigSource(file: file, options: options, environment: environment) { yaml }
        try self.init(source: source, logger: logger)
    }

    init(source: ConfigSource, logger: Logger? = nil) throws(ConfigurationError) {
        let loaded = try Loaded(source)
        self.source = source
        config = loaded.config
        settings = loaded.settings
        problems = loaded.problems
        variables = loaded.variables
        fixedValues = loaded.fixedValues
        self.logger = logger ?? Self.makeLogger(level: loaded.settings.logLevel, format: loaded.settings.logFormat)
    }

    private static func makeLogger(level: Logger.Level, format: LogFormat) -> Logger {
        var logger = Logger(label: "baton") { _ in
            LineLogHandler(writer: .standardError, format: format, metadataProvider: .requestContext)
        }
        logger.logLevel = level
        return logger
    }

    /// The same application, with the configuration as it is now.
    ///
    /// - Throws: ``ConfigurationError`` where it cannot be read or is not YAML.
    func reread() throws(ConfigurationError) -> Application {
        let loaded = try Loaded(source)
        var next = self
        next.config = loaded.config
        next.settings = loaded.settings
        next.problems = loaded.problems
        next.variables = loaded.variables
        next.fixedValues = loaded.fixedValues
        return next
    }

    /// What is read of a configuration before the middleware is known.
    private struct Loaded {
        let config: ConfigFile
        let settings: Settings
        let problems: [ConfigProblem]
        let variables: Set<String>
        let fixedValues: [String: String]

        init(_ source: ConfigSource) throws(ConfigurationError) {
            config = try ConfigFile(
                yaml: try source.read(),
                file: source.file,
                overrides: ConfigOverrides(options: source.options, environment: source.environment),
                environment: source.environment
            )
            let reading = config.read(at: []) { try Settings(from: $0) }
            problems = config.problems + reading.problems
            guard let settings = reading.value else { throw ConfigurationError(problems) }
            self.settings = settings
            variables = reading.session.variables
            let fixed = reading.session.values.filter { value in
                // Asked for at each reload.
                let isFollowed = value.path == ["server", "timeouts", "start"]
                return !isFollowed && ["server", "log", "pool"].contains(value.path.first)
            }
            fixedValues = Dictionary(fixed.map { ($0.path.joined(separator: "."), $0.text) }) { _, last in last }
        }
    }

    /// Makes a middleware known, so that `config.yml` can name it.
    ///
    /// - Parameter plugin: The type. Whether its name is free is checked when the application starts.
    public mutating func register<Plugin: MiddlewarePlugin>(_ plugin: Plugin.Type) { registry.register(plugin) }

    /// The names of the middleware that the configuration names, outermost first.
    public var chainNames: [String] { settings.chain }

    /// Decodes a text that stands in the configuration, such as a secret that a command needs.
    ///
    /// - Parameter path: The path of the key.
    /// - Returns: The text, or `nil` where there is none.
    public func value(at path: String...) -> String? {
        try? config.decode(at: path) { try $0.singleValueContainer().decode(String.self) }
    }
}
