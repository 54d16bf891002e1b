import EventServer

/// `server:` in `config.yml`.
struct ServerSettings: Decodable {
    var configuration = ServerConfiguration()

    private enum CodingKeys: CodingKey {
        case host, port, loops, backlog, limits, timeouts
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
        configuration.loops = try container.decodeNumber(.loops, in: 0...1024, default: configuration.loops)
        configuration.backlog = try container.decodeNumber(.backlog, in: 1...65_535, default: configuration.backlog)
        let limits = try container.decode(Limits.self, forKey: .limits)
        configuration.limits = limits.limits
        configuration.connections = limits.connections
        configuration.timeouts = try container.decode(Timeouts.self, forKey: .timeouts).timeouts
    }

    private struct Limits: Decodable {
        var limits = ParserLimits()
        var connections: Int

        private enum CodingKeys: CodingKey {
            case target, header, fieldCount, body, connections
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            connections = try container.decodeNumber(.connections, in: 0...10_000_000, default: 0)
            limits.target = try container.decodeSize(.target, default: limits.target)
            limits.header = try container.decodeSize(.header, default: limits.header)
            limits.fieldCount = try container.decodeNumber(.fieldCount, in: 1...10_000, default: limits.fieldCount)
            limits.body = try container.decodeSize(.body, default: limits.body)
        }
    }

    private struct Timeouts: Decodable {
        var timeouts = ServerConfiguration.Timeouts()

        private enum CodingKeys: CodingKey {
            case header, body, idle, write, drain
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            timeouts.header = try container.decodeDuration(.header, default: timeouts.header)
            timeouts.body = try container.decodeDuration(.body, default: timeouts.body)
            timeouts.idle = try container.decodeDuration(.idle, default: timeouts.idle)
            timeouts.write = try container.decodeDuration(.write, default: timeouts.write)
            timeouts.drain = try container.decodeDuration(.drain, default: timeouts.drain)
        }
    }
}
