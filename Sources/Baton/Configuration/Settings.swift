import ContextPool
import EventServer
import Logging
import Middleware

/// Everything in `config.yml` but the options of the middleware.
struct Settings: Decodable, Sendable {
    var server = ServerConfiguration()
    var logLevel = Logger.Level.info
    var pool: PoolSettings
    var reload: ReloadSettings
    /// The names of the middleware, outermost first.
    var chain: [String]
    /// What some requests pass behind it.
    var chains: [ChainSettings.Chain]
    /// The names that have options.
    var configured: [String]

    private enum CodingKeys: CodingKey {
        case server, log, pool, reload, chain, chains, middleware
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        server = try container.decode(ServerSettings.self, forKey: .server).configuration
        logLevel = try container.decode(LogSettings.self, forKey: .log).level
        pool = try container.decode(PoolSettings.self, forKey: .pool)
        reload = try container.decode(ReloadSettings.self, forKey: .reload)
        chain = try container.decode([String].self, forKey: .chain)
        chains = try container.decode(ChainSettings.self, forKey: .chains).chains
        configured = try container.decode([String: Unread].self, forKey: .middleware).keys.sorted()
    }

    /// Options, which the plug-ins read themselves.
    private struct Unread: Decodable {
        init(from decoder: any Decoder) {}
    }
}

/// `log:` in `config.yml`.
private struct LogSettings: Decodable {
    var level = Logger.Level.info

    private enum CodingKeys: CodingKey {
        case level
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        level = try container.decodeIfPresent(Logger.Level.self, forKey: .level) ?? level
    }
}

/// `pool:` in `config.yml`.
struct PoolSettings: Decodable, Equatable {
    var workers: Int
    var queueLimit: Int

    private enum CodingKeys: CodingKey {
        case workers, queueLimit
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let workers = try container.decodeNumber(.workers, in: 0...1024, default: 0)
        self.workers = workers == 0 ? ContextPool.defaultWorkers : workers
        queueLimit = try container.decodeNumber(.queueLimit, in: 1...10_000_000, default: 1024)
    }
}
