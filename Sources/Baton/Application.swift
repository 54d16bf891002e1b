import Foundation

/// A server made of a configuration file, middleware and routes.
///
/// ```swift
/// import Baton
///
/// @main struct Shop {
///     static func main() async throws {
///         var app = try await Application(configFile: "config.yml")
///         app.router.get("/hello") { request, context in .text("Hello, World!") }
///         try await app.run()
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

    let settings: Settings
    let config: ConfigFile
    private(set) var registry = MiddlewareRegistry.standard

    /// Reads a configuration file.
    ///
    /// - Parameters:
    ///   - configFile: The path of the file.
    ///   - options: Values that win over file and environment, by the path of the key: `["server.port": "9090"]`.
    /// - Throws: ``ConfigurationError`` where the file cannot be read or something outside of `middleware` is wrong in it.
    public init(configFile: String, options: [String: String] = [:]) async throws {
        let yaml: String
        do {
            yaml = try String(contentsOfFile: configFile, encoding: .utf8)
        } catch {
            throw ConfigurationError([
                ConfigProblem(
                    file: configFile,
                    message:
                        "the file cannot be read. Name another one with --config, or begin with a copy of Baton's own."
                )
            ])
        }
        try await self.init(
            yaml: yaml,
            file: configFile,
            options: options,
            environment: ProcessInfo.processInfo.environment
        )
    }

    /// Reads a configuration from a text.
    ///
    /// - Parameters:
    ///   - yaml: The text.
    ///   - file: What errors call it.
    ///   - options: Values that win over text and environment, by the path of the key.
    ///   - environment: The variables that win over the text, such as `BATON_SERVER_PORT`.
    ///   - logger: What log lines go to; standard error where it is `nil`.
    /// - Throws: ``ConfigurationError`` where something outside of `middleware` is wrong.
    public init(
        yaml: String,
        file: String = "config.yml",
        options: [String: String] = [:],
        environment: [String: String] = [:],
        logger: Logger? = nil
    ) async throws {
        let overrides = ConfigOverrides(options: options, environment: environment)
        config = try ConfigFile(yaml: yaml, file: file, overrides: overrides)
        let settings = try config.decode(at: []) { try Settings(from: $0) }
        self.settings = settings
        self.logger =
            logger
            ?? {
                var logger = Logger(label: "baton") { _ in
                    LineLogHandler(writer: .standardError, metadataProvider: .requestContext)
                }
                logger.logLevel = settings.logLevel
                return logger
            }()
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
