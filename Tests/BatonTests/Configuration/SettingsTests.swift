import Foundation
import Testing

@testable import Baton

@Suite struct SettingsTests {
    @Test func `without a word, the settings are those of the server's own types`() async throws {
        let settings = try await Application(yaml: "").settings
        #expect(settings.server == ServerConfiguration())
        #expect(settings.logLevel == .info)
        #expect(settings.pool.workers == ContextPool.defaultWorkers)
        #expect(settings.pool.queueLimit == 1024)
        #expect(settings.chain == [])
        #expect(settings.configured == [])
    }

    @Test func `every setting reaches its place`() async throws {
        let yaml = """
            server:
              host: localhost
              port: 1
              loops: 2
              backlog: 3
              listen: ["127.0.0.1:0", "[::1]:1", "unix:/run/a.sock", inherited]
              socketMode: 0600
              proxies: {trusted: [10.0.0.0/8, unix], sendProxyHeader: true}
              limits: {target: 4, header: 5, fieldCount: 6, body: 7, connectionsPerAddress: 8, requestsPerConnection: 15, minimumRate: 16}
              timeouts: {header: 8s, body: 9s, idle: 10s, write: 11s, drain: 12s, handler: 17s, start: 20s}
              overload: {queueTime: 18ms, exempt: [/up]}
              blockThreshold: 19ms
              refusals: problem
            router: {trailingSlash: redirect}
            log: {level: trace}
            pool: {workers: 13, queueLimit: 14}
            chain: [b, a]
            middleware: {d: {x: y}, c: }
            """
        let settings = try await Application(yaml: yaml).settings
        var expected = ServerConfiguration()
        expected.host = "localhost"
        expected.port = 1
        expected.loops = 2
        expected.backlog = 3
        expected.listen = [
            .tcp(host: "127.0.0.1", port: 0), .tcp(host: "::1", port: 1), .unix(path: "/run/a.sock"),
            .inherited(name: nil),
        ]
        expected.socketMode = 0o600
        expected.proxies.trusted = [try AddressRange("10.0.0.0/8"), .unix]
        expected.proxies.sendProxyHeader = true
        expected.connectionsPerAddress = 8
        (expected.limits.target, expected.limits.header) = (4, 5)
        (expected.limits.fieldCount, expected.bodyLimit) = (6, 7)
        (expected.timeouts.header, expected.timeouts.body) = (.seconds(8), .seconds(9))
        (expected.timeouts.idle, expected.timeouts.write) = (.seconds(10), .seconds(11))
        (expected.timeouts.drain, expected.timeouts.handler) = (.seconds(12), .seconds(17))
        (expected.requestsPerConnection, expected.minimumRate) = (15, 16)
        (expected.overload.queueTime, expected.overload.exempt) = (.milliseconds(18), ["/up"])
        expected.blockThreshold = .milliseconds(19)
        expected.refusals = .problem
        #expect(settings.startLimit == .seconds(20))
        #expect(settings.router.trailingSlash == .redirect)
        #expect(settings.server == expected)
        #expect(settings.logLevel == .trace)
        #expect(settings.pool.workers == 13)
        #expect(settings.pool.queueLimit == 14)
        #expect(settings.chain == ["b", "a"])
        #expect(settings.configured == ["c", "d"])
    }

    @Test func `the repository's own config has no mistakes, and its values are the defaults`() async throws {
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
        let yaml = try String(contentsOf: root.appending(path: "config.yml"), encoding: .utf8)
        let app = try await Application(yaml: yaml)
        #expect(app.settings.server == ServerConfiguration())
        #expect(app.settings.logLevel == .info)
        #expect(app.settings.pool.workers == ContextPool.defaultWorkers)
        #expect(app.settings.pool.queueLimit == 1024)
        #expect(try app.checkChain() == ["request-id", "access-log", "auth", "g"])
    }
}
