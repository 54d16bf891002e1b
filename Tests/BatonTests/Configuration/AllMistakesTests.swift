import Foundation
import TestSupport
import Testing

@testable import Baton

/// What an operator gets at once who has changed a lot.
@Suite struct AllMistakesTests {
    private func mistakes(_ yaml: String, environment: [String: String] = [:], file: String = "c.yml") async -> [String]
    {
        do {
            try await Application(yaml: yaml, file: file, environment: environment).checkChain()
            return []
        } catch {
            return "\(error)".split(separator: "\n").map(String.init)
        }
    }

    @Test func `ten different mistakes are all reported, each at its line`() async {
        let yaml = """
            server:
              prot: 8080
              host: ''
              limits: {body: 1MB}
              timeouts:
                idle: 5
            log:
              level: inof
            pool:
              workers: many
            chain: [g, auth, acces-log]
            middleware:
              auth:
                secret: ${ENV:SECRT}
                exempt: [health]
              request-id:
                header: a b
            """
        #expect(
            await mistakes(yaml, environment: ["SECRET": "x", "BATON_SERVR_HOST": "a"])
                .map { line in
                    // What there is instead is tested elsewhere.
                    line.components(separatedBy: " Known: ")[0]
                } == [
                    "c.yml:2:3: server.prot: unknown key; did you mean \"port\"?",
                    "c.yml:3:9: server.host: expected a name or an address of this machine, found nothing",
                    "c.yml:4:18: server.limits.body: expected a number of bytes such as 512, 64KiB or 1MiB, found \"1MB\"",
                    "c.yml:6:11: server.timeouts.idle: expected a length of time such as 500ms, 10s, 2m, 1h or 30d, found \"5\"",
                    "c.yml:8:10: log.level: \"inof\" is not known here; did you mean \"info\"?",
                    "c.yml:10:12: pool.workers: expected a whole number, found \"many\"",
                    "c.yml:11:18: chain.2: unknown middleware \"acces-log\"; did you mean \"access-log\"?",
                    "c.yml:14:13: middleware.auth.secret: the environment has no variable SECRT; did you mean SECRET?",
                    "c.yml:15:14: middleware.auth.exempt.0: \"health\" is not a path: it must begin with '/', be encoded, "
                        + "and have '*' only at its end.",
                    "c.yml:17:13: middleware.request-id.header: \"a b\" is not the name of a header field.",
                    "environment (BATON_SERVR_HOST): unknown variable; did you mean BATON_SERVER_HOST?",
                ]
        )
    }

    @Test func `wrong elements of a list, and of a map with names of its own, are all reported`() async {
        let key = "sha256:9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f"
        let yaml = """
            server: {listen: [nowhere, "127.0.0.1:80", "[::1"]}
            middleware:
              g: {values: {a: {heder: x}, b: {}, c: [x], d: {header: ok}}}
              auth: {apiKeys: {a: short, b: {}, c: "\(key)", d: "\(key)"}}
            """
        let found = await mistakes(yaml)
        #expect(
            found.map { $0.split(separator: ":").prefix(4).last.map(String.init) ?? "" } == [
                " server.listen.0", " server.listen.2", " middleware.g.values.a", " middleware.g.values.a.heder",
                " middleware.g.values.b", " middleware.g.values.c", " middleware.auth.apiKeys.a",
                " middleware.auth.apiKeys.b", " middleware.auth.apiKeys.d",
            ],
            "\(found)"
        )
    }

    @Test func `so many mistakes that nobody would read them end the search`() async {
        let found = await mistakes("chain: [\(Array(repeating: "[]", count: 500).joined(separator: ", "))]")
        #expect(found.count == 101)
        #expect(found.first == "c.yml:1:9: chain.0: expected a single value, found a list")
        #expect(found.last == "c.yml: there are so many mistakes that what is behind them was not looked at")
    }

    @Test func `what is missing is not complained of where it was mistaken`() async {
        // A secret of the wrong kind is one mistake, and not also that neither secret nor apiKeys is set.
        let found = await mistakes("middleware: {auth: {secret: [a]}}")
        #expect(found == ["c.yml:1:21: middleware.auth.secret: expected a single value, found a list"])
    }

    @Test func `a required value that is missing or wrong does not hide what is behind it`() async {
        struct Strict: MiddlewarePlugin {
            static let name = "strict"

            struct Options: Decodable {
                var plan: String
                var size: ByteCount
                var count: Int
                var wait: Duration
                var isOpen: Bool
            }

            init(options: Options) {}

            func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
                try await next(request, in: context)
            }
        }
        do {
            var app = try await Application(yaml: "middleware: {strict: {count: x, wait: y, isOpen: z}}", file: "c.yml")
            app.register(Strict.self)
            try app.checkChain()
            Issue.record("it is not in order")
        } catch {
            let keys = "\(error)".split(separator: "\n").map { $0.split(separator: " ")[1] }
            // The size cannot be made up, and ends the search.
            #expect(keys == ["middleware.strict.plan:", "middleware.strict.size:"], "\(error)")
        }
    }

    @Test(arguments: [
        ("BATON_SERVER_PROT", "BATON_SERVER_PORT"), ("BATON_LOGLEVEL", "BATON_LOG_LEVEL"),
        ("BATON_MIDDLEWARE_REQUEST_ID_HAEDER", "BATON_MIDDLEWARE_REQUEST_ID_HEADER"),
    ])
    func `a misspelt variable is a mistake`(_ name: String, _ meant: String) async {
        let found = await mistakes("middleware: {request-id: {}}", environment: [name: "x"])
        #expect(found == ["environment (\(name)): unknown variable; did you mean \(meant)?"])
    }

    @Test func `variables that others set are no mistakes`() async {
        let links = [
            "BATON_SERVICE_HOST": "10.0.0.1", "BATON_SERVICE_PORT": "80", "BATON_SERVICE_PORT_HTTP": "80",
            "BATON_PORT": "tcp://10.0.0.1:80", "BATON_PORT_80_TCP_ADDR": "10.0.0.1", "PATH": "/bin", "BATONS": "2",
        ]
        #expect(await mistakes("", environment: links) == [])
        #expect(await mistakes("", environment: ["BATON_PORT": "1"]).count == 1)
        // An option of what the file does not mention cannot be judged.
        #expect(await mistakes("", environment: ["BATON_MIDDLEWARE_AUTH_SECRET": "x"]) == [])
    }

    @Test func `an error that nobody catches is readable where Swift reports it`() async {
        let error = await #expect(throws: ConfigurationError.self) { try await Application(yaml: "a: [") }
        #expect(
            error.map { String(reflecting: $0) }?.hasPrefix("the configuration cannot be used.\nconfig.yml:") == true
        )
    }
}
