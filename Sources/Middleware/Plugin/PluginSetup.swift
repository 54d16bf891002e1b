public import ContextPool
public import Logging

/// What a plug-in gets when it starts.
public struct PluginSetup: Sendable {
    /// What it is called in this chain: its name, or the one that `config.yml` gives it with `as`.
    public let name: String

    /// The application: its pool, its settings and services.
    public let app: AppContext

    /// A logger whose lines carry `middleware=NAME`.
    public let logger: Logger

    /// The folder of the configuration file; the working folder where the configuration is no file.
    public let folder: String

    /// Creates a setup.
    ///
    /// - Parameters:
    ///   - name: What the plug-in is called in this chain.
    ///   - app: The application.
    ///   - logger: The application's logger; the plug-in's name is added to its lines.
    ///   - folder: The folder of the configuration file.
    public init(name: String, app: AppContext, logger: Logger, folder: String = ".") {
        var logger = logger
        logger[metadataKey: "middleware"] = "\(name)"
        self.name = name
        self.app = app
        self.logger = logger
        self.folder = folder
    }

    /// The pool of the application, for what would block an event loop.
    public var pool: ContextPool { app.pool }
}
