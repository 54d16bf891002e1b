import Middleware
import TestSupport
import Testing

@testable import Baton

@Suite struct ConfigOverridesTests {
    private let yaml = "server: {port: 1, host: file}\nchain: [g]\nlog: {level: error}"

    private func application(
        _ environment: [String: String],
        options: [String: String] = [:],
        yaml: String? = nil
    ) async throws -> Application {
        try await Application(yaml: yaml ?? self.yaml, file: "c.yml", options: options, environment: environment)
    }

    private func mistakes(
        _ environment: [String: String],
        options: [String: String] = [:],
        yaml: String? = nil
    ) async -> String {
        do {
            try await application(environment, options: options, yaml: yaml).checkChain()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `the command line wins over the environment, and that over the file`() async throws {
        let environment = ["BATON_SERVER_PORT": "2", "BATON_LOG_LEVEL": "debug"]
        let app = try await application(environment, options: ["server.port": "3"])
        #expect(app.settings.server.port == 3)
        #expect(app.settings.logLevel == .debug)
        #expect(app.settings.server.host == "file")
        #expect(try await application(environment).settings.server.port == 2)
    }

    @Test func `the environment wins also where the file says nothing`() async throws {
        let environment = [
            "BATON_SERVER_LIMITS_FIELD_COUNT": "7", "BATON_SERVER_TIMEOUTS_DRAIN": "3s", "BATON_POOL_QUEUE_LIMIT": "9",
            "BATON_MIDDLEWARE_AUTH_SECRET": String(repeating: "x", count: 32), "BATON_CHAIN": "auth, g",
        ]
        let app = try await application(environment, yaml: "")
        #expect(app.settings.server.limits.fieldCount == 7)
        #expect(app.settings.server.timeouts.drain == .seconds(3))
        #expect(app.settings.pool.queueLimit == 9)
        #expect(try app.checkChain() == ["auth", "g"])
    }

    @Test func `a list is given with commas, and an empty one as nothing`() async throws {
        #expect(
            try await application(["BATON_CHAIN": "request-id,access-log"]).chainNames == ["request-id", "access-log"]
        )
        #expect(try await application(["BATON_CHAIN": ""]).chainNames == [])
    }

    @Test func `the names of middleware and of options are written as words`() async throws {
        let environment = [
            "BATON_MIDDLEWARE_REQUEST_ID_ACCEPT_INCOMING": "false", "BATON_MIDDLEWARE_REQUEST_ID_HEADER": "x-id",
        ]
        let yaml = "chain: [request-id]\nmiddleware: {request-id: {acceptIncoming: true}}"
        let response = try await TestApplication.run(yaml: yaml, environment: environment) { _ in
        } _: {
            try await $0.request("GET /", headers: ["x-id": "mine"])
        }
        #expect(response.headers["x-id"]?.utf8.count == 13)
        #expect(
            await mistakes(["BATON_MIDDLEWARE_REQUEST_ID_ACCEPT_INCOMING": "no"], yaml: yaml).contains("true or false")
        )
    }

    @Test func `variables of others mean nothing`() async throws {
        let environment = ["SERVER_PORT": "9", "PORT": "9", "baton_server_port": "9", "BATONSERVERPORT": "9"]
        #expect(try await application(environment).settings.server.port == 1)
    }

    @Test(arguments: [
        (
            ["BATON_SERVER_PORT": "x"],
            "environment (BATON_SERVER_PORT): server.port: expected a whole number, found \"x\""
        ),
        (
            ["BATON_SERVER_PORT": ""],
            "environment (BATON_SERVER_PORT): server.port: expected a whole number, found \"\""
        ),
        (
            ["BATON_SERVER_PORT": "70000"],
            "environment (BATON_SERVER_PORT): server.port: expected a number from 0 to 65535, found 70000"
        ),
        (
            ["BATON_CHAIN": "g,grr"],
            """
            environment (BATON_CHAIN): chain.1: unknown middleware "grr". \
            Known: \(MiddlewareRegistry.standard.names.joined(separator: ", ")). If another program registers it, run the check of \
            that one (PROGRAM check); to load it here, name its library below plugins.
            """
        ),
        (["BATON_CHAIN": "g,g"], "environment (BATON_CHAIN): chain.1: \"g\" is in the chain already"),
        (
            ["BATON_MIDDLEWARE_AUTH_SECRET": "short", "BATON_CHAIN": "auth"],
            """
            environment (BATON_MIDDLEWARE_AUTH_SECRET): middleware.auth.secret: \
            The secret is shorter than 32 bytes, and so could be guessed.
            """
        ),
        (
            ["BATON_CHAIN": "auth", "BATON_MIDDLEWARE_AUTH_API_KEYS": "alice=0123456789abcdef"],
            "environment (BATON_MIDDLEWARE_AUTH_API_KEYS): middleware.auth.apiKeys: expected a map, found a single value"
        ),
        (["BATON_SERVER": "x"], "environment (BATON_SERVER): server: expected a map, found a single value"),
    ])
    func `a wrong value names the variable that it came from`(_ environment: [String: String], _ message: String) async
    {
        #expect(await mistakes(environment) == message)
    }

    @Test func `a wrong value of the command line names that`() async {
        let message = await mistakes(["BATON_SERVER_PORT": "y"], options: ["server.port": "x"])
        #expect(message == "command line (server.port): server.port: expected a whole number, found \"x\"")
    }

    @Test func `maps with names of their own have no values but those in the file`() async throws {
        let environment = [
            "BATON_MIDDLEWARE_G_VALUES_A_CONSTANT": "other"
        ]
        let yaml = """
            chain: [auth, g]
            middleware:
              auth: {apiKeys: {alice: sha256:3465f6e6975baa864ca957f0914ecda9bf7eb601ac31ac20a5dc3d329279a843}}
              g: {values: {a: {constant: file}, b: {constant: kept}}}
            """
        let response = try await TestApplication.run(yaml: yaml, environment: environment) { app in
            app.router.get("/") { _, context in .text("\(context.g[named: "a"] ?? "") \(context.g[named: "b"] ?? "")") }
        } _: { app in
            (
                try await app.request("GET /", headers: ["x-api-key": "fedcba9876543210"]),
                try await app.request("GET /", headers: ["x-api-key": "0123456789abcdef"])
            )
        }
        #expect(response.0.body == "other kept")
        #expect(response.1.status == 401)
        let new = ["BATON_MIDDLEWARE_AUTH_API_KEYS_MALLORY": "0123456789abcdef"]
        #expect(await mistakes(new, yaml: yaml).contains("(BATON_MIDDLEWARE_AUTH_API_KEYS_MALLORY): unknown variable"))
    }
}
