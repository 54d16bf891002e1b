import ContextPool
import EventServer
import Logging
import Middleware

/// Everything in `config.yml` but the options of the middleware.
struct Settings: Decodable, Sendable {
    var server = ServerConfiguration()
    /// How long each plug-in may take to start.
    var startLimit: Duration
    var router: RouterSettings
    var logLevel = Logger.Level.info
    var logFormat = LogFormat.text
    var pool: PoolSettings
    var reload: ReloadSettings
    /// The files that middleware is loaded from.
    var plugins: [Placed<ConfigPath>]
    /// The names of the middleware, outermost first, with their places in the file.
    var steps: [Placed<String>]
    /// What some requests pass behind it.
    var chains: [ChainSettings.Chain]
    /// The names that have options.
    var configured: [String]

    /// The names of the middleware, outermost first.
    var chain: [String] { steps.map(\.value) }

    private enum CodingKeys: CodingKey {
        case server, router, log, pool, reload, plugins, chain, chains, middleware
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let server = try container.decode(ServerSettings.self, forKey: .server)
        self.server = server.configuration
        startLimit = server.startLimit
        router = try container.decode(RouterSettings.self, forKey: .router)
        let log = try container.decode(LogSettings.self, forKey: .log)
        logLevel = log.level
        logFormat = log.format
        pool = try container.decode(PoolSettings.self, forKey: .pool)
        reload = try container.decode(ReloadSettings.self, forKey: .reload)
        plugins = try container.decodeIfPresent([Placed<ConfigPath>].self, forKey: .plugins) ?? []
        steps = try container.decodeIfPresent([Placed<String>].self, forKey: .chain) ?? []
        chains = try container.decode(ChainSettings.self, forKey: .chains).chains
        configured = try container.decodeIfPresent([String: Unread].self, forKey: .middleware)?.keys.sorted() ?? []
    }

    /// Options, which the plug-ins read themselves.
    private struct Unread: Decodable {
        init(from decoder: any Decoder) {}
    }
}

/// `log:` in `config.yml`.
private struct LogSettings: Decodable {
    var level = Logger.Level.info
    var format = LogFormat.text

    private enum CodingKeys: CodingKey {
        case level, format
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        level = try container.decodeIfPresent(Logger.Level.self, forKey: .level) ?? level
        format = try container.decodeIfPresent(LogFormat.self, forKey: .format) ?? format
    }
}

/// `pool:` in `config.yml`.
struct PoolSettings: Decodable, Equatable {
    var workers: Int
    var queueLimit: Int
    var keptJobs: Int

    private enum CodingKeys: CodingKey {
        case workers, queueLimit, keptJobs
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let workers = try container.decodeNumber(.workers, in: 0...1024, default: 0)
        self.workers = workers == 0 ? ContextPool.defaultWorkers : workers
        queueLimit = try container.decodeNumber(.queueLimit, in: 1...10_000_000, default: 1024)
        keptJobs = try container.decodeNumber(.keptJobs, in: 0...1_000_000, default: 1024)
    }
}
