import EventServer
import Middleware

/// `server:` in `config.yml`.
struct ServerSettings: Decodable {
    var configuration = ServerConfiguration()
    /// How long each plug-in may take to start; the server itself knows of none.
    var startLimit = Duration.seconds(60)

    private enum CodingKeys: CodingKey {
        case host, port, listen, socketMode, proxies, loops, backlog, limits, timeouts, overload, blockThreshold,
            refusals
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        configuration.host = try container.decodeIfPresent(String.self, forKey: .host) ?? configuration.host
        // To the system an empty name is every address of the machine.
        guard !configuration.host.isEmpty else {
            throw DecodingError.dataCorruptedError(
                forKey: .host,
                in: container,
                debugDescription: "expected a name or an address of this machine, found nothing"
            )
        }
        configuration.port = try container.decodeNumber(.port, in: 0...65_535, default: configuration.port)
        let listen = try container.decodeIfPresent([AddressSetting].self, forKey: .listen) ?? []
        configuration.listen = listen.map(\.address)
        try Self.rejectRepetitions(in: configuration.listen, of: container)
        if !configuration.listen.isEmpty { try Self.rejectOverrides(of: [.host, .port], by: decoder, in: container) }
        configuration.socketMode = try container.decodeMode(.socketMode, default: configuration.socketMode)
        configuration.proxies = try container.decode(ProxySettings.self, forKey: .proxies).proxies
        configuration.loops = try container.decodeNumber(.loops, in: 0...1024, default: configuration.loops)
        configuration.backlog = try container.decodeNumber(.backlog, in: 1...65_535, default: configuration.backlog)
        let limits = try container.decode(Limits.self, forKey: .limits)
        configuration.limits = limits.limits
        configuration.bodyLimit = limits.body
        configuration.connections = limits.connections
        configuration.requestsPerConnection = limits.requestsPerConnection
        configuration.minimumRate = limits.minimumRate
        configuration.connectionsPerAddress = limits.connectionsPerAddress
        if let name = try container.decodeIfPresent(String.self, forKey: .refusals) {
            configuration.refusals = try Self.format(named: name, in: container)
        }
        let timeouts = try container.decode(Timeouts.self, forKey: .timeouts)
        configuration.timeouts = timeouts.timeouts
        startLimit = timeouts.start
        configuration.overload = try container.decode(Overload.self, forKey: .overload).overload
        configuration.blockThreshold = try container.decodeDuration(
            .blockThreshold,
            default: configuration.blockThreshold
        )
    }

    /// Somebody who says `--port` wants to be listened to, and would not be.
    private static func rejectOverrides(
        of keys: [CodingKeys],
        by decoder: any Decoder,
        in container: KeyedDecodingContainer<CodingKeys>
    ) throws {
        guard let decoder = decoder as? ConfigDecoder else { return }
        for key in keys {
            let path = (decoder.codingPath + [key]).map(\.stringValue)
            guard decoder.session.overrides.value(at: path) != nil else { continue }
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: container,
                debugDescription: """
                    it has no effect, since server.listen names the addresses. Leave it out, or empty server.listen \
                    (BATON_SERVER_LISTEN=)
                    """
            )
        }
    }

    /// What would fail at the start as if another process were in the way, or would leave some clients out.
    private static func rejectRepetitions(
        in addresses: [ListenAddress],
        of container: KeyedDecodingContainer<CodingKeys>
    ) throws {
        for (index, address) in addresses.enumerated() {
            for earlier in addresses[..<index] {
                guard let advice = address.clash(with: earlier) else { continue }
                throw DecodingError.dataCorruptedError(forKey: .listen, in: container, debugDescription: advice)
            }
        }
    }

    /// An address of `listen`.
    private struct AddressSetting: Decodable {
        let address: ListenAddress

        init(from decoder: any Decoder) throws { address = try decoder.decodeText(ListenAddress.init) }
    }

    private static func format(
        named name: String,
        in container: KeyedDecodingContainer<CodingKeys>
    ) throws -> RefusalFormat {
        guard let format = RefusalFormat(rawValue: name) else {
            throw DecodingError.dataCorruptedError(
                forKey: .refusals,
                in: container,
                debugDescription: "expected text or problem, found \"\(name)\""
            )
        }
        return format
    }

    private struct Limits: Decodable {
        var limits = ParserLimits()
        var body: Int
        var connections: Int
        var requestsPerConnection: Int
        var minimumRate: Int
        var connectionsPerAddress: Int

        private enum CodingKeys: CodingKey {
            case target, header, fieldCount, body, connections, connectionsPerAddress, requestsPerConnection,
                minimumRate
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let defaults = ServerConfiguration()
            body = try container.decodeSize(.body, default: defaults.bodyLimit)
            connections = try container.decodeNumber(.connections, in: 0...10_000_000, default: defaults.connections)
            connectionsPerAddress = try container.decodeNumber(
                .connectionsPerAddress,
                in: 0...10_000_000,
                default: defaults.connectionsPerAddress
            )
            requestsPerConnection = try container.decodeNumber(
                .requestsPerConnection,
                in: 0...1_000_000_000,
                default: defaults.requestsPerConnection
            )
            minimumRate = try container.decodeNumber(
                .minimumRate,
                in: 0...1_000_000_000,
                default: defaults.minimumRate
            )
            limits.target = try container.decodeSize(.target, default: limits.target)
            limits.header = try container.decodeSize(.header, default: limits.header)
            limits.fieldCount = try container.decodeNumber(.fieldCount, in: 1...10_000, default: limits.fieldCount)
        }
    }

    private struct Timeouts: Decodable {
        var timeouts = ServerConfiguration.Timeouts()
        var start = Duration.seconds(60)

        private enum CodingKeys: CodingKey {
            case header, body, handler, idle, write, drain, start
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            timeouts.header = try container.decodeDuration(.header, default: timeouts.header)
            timeouts.body = try container.decodeDuration(.body, default: timeouts.body)
            timeouts.handler = try container.decodeDuration(.handler, default: timeouts.handler)
            timeouts.idle = try container.decodeDuration(.idle, default: timeouts.idle)
            timeouts.write = try container.decodeDuration(.write, default: timeouts.write)
            timeouts.drain = try container.decodeDuration(.drain, default: timeouts.drain)
            start = try container.decodeDuration(.start, default: start)
        }
    }
    private struct Overload: Decodable {
        var overload = ServerConfiguration.Overload()

        private enum CodingKeys: CodingKey {
            case queueTime, exempt
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            overload.queueTime = try container.decodeDuration(.queueTime, default: overload.queueTime)
            if let paths = try container.decodeIfPresent([String].self, forKey: .exempt) {
                overload.exempt = Set(paths)
            }
        }
    }
}

extension ListenAddress {
    /// Why two addresses cannot stand in one list; `nil` where they can.
    ///
    /// Of port 0 each is another one.
    fileprivate func clash(with other: ListenAddress) -> String? {
        if case .tcp(_, 0) = self { return nil }
        if self == other { return "\(self) stands here twice: leave one of them out" }
        guard case .tcp(let host, let port) = self, case .tcp(let otherHost, port) = other else { return nil }
        guard host == "*" || otherHost == "*" else { return nil }
        let (wide, narrow) = host == "*" ? (self, other) : (other, self)
        return "\(wide) has all addresses of port \(port): leave \(narrow) out"
    }
}
