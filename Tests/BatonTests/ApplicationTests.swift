import Foundation
import TestSupport
import Testing

@testable import Baton

@Suite struct ApplicationTests {
    struct Tenant: MiddlewarePlugin {
        static let name = "tenant"

        struct Options: Decodable {
            var header: String?
            var plan: String
        }

        let header: HTTPField.Name
        let plan: String

        init(options: Options) throws {
            guard let header = HTTPField.Name(options.header ?? "x-tenant") else {
                throw OptionsError(key: "header", "No name.")
            }
            self.header = header
            plan = options.plan
        }

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            context.updateValues { $0[named: "tenant"] = request.header(header) }
            var response = try await next(request, in: context)
            response.headers[.server] = plan
            return response
        }
    }

    struct Impostor: MiddlewarePlugin {
        static let name = "auth"

        init(options: NoOptions) {}

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }
    }

    private func mistakes(_ yaml: String, register: (inout Application) -> Void = { _ in }) async -> String {
        do {
            var app = try await Application(yaml: yaml, file: "c.yml")
            register(&app)
            try app.checkChain()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `a name that is twice in the chain is refused once`() async {
        #expect(await mistakes("chain: [g, request-id, g]") == "c.yml:1:24: chain.2: \"g\" is in the chain already")
        #expect(await mistakes("chain: [auth, auth]").split(separator: "\n").count == 2)
    }

    @Test func `all unknown middleware are reported at once`() async {
        let lines = await mistakes("chain: [a1, b2]\nmiddleware: {c3: {}}").split(separator: "\n")
        #expect(lines.map { $0.prefix(10) } == ["c.yml:1:9:", "c.yml:1:13", "c.yml:2:14"])
    }

    @Test func `options of middleware that is not in the chain are checked`() async {
        let message = await mistakes("chain: [g]\nmiddleware: {access-log: {exclude: [health]}}")
        #expect(message.hasPrefix("c.yml:2:37: middleware.access-log.exclude.0: \"health\" is not a path"))
    }

    @Test func `g before auth, or with claims and without auth, is refused at its line`() async {
        let key = "sha256:9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f"
        let auth = "middleware: {auth: {apiKeys: {alice: \(key)}}, g: {values: {a: {claim: email}}}}\n"
        let reason = "because claims are those of the user whom \"auth\" finds"
        #expect(
            await mistakes(auth + "chain: [g, auth]")
                == "c.yml:2:9: chain.0: \"g\" must stand after \"auth\", \(reason)"
        )
        #expect(
            await mistakes(auth + "chain: [g]")
                == "c.yml:2:9: chain.0: \"g\" needs \"auth\" before it in the chain, \(reason)"
        )
        #expect(await mistakes(auth + "chain: [auth, g]") == "")
        #expect(await mistakes("chain: [g]") == "")
    }

    @Test func `two middleware of one name are refused`() async {
        let message = await mistakes("chain: []") { $0.register(Impostor.self) }
        #expect(message == "c.yml: two middleware are registered as \"auth\": rename one of them")
    }

    @Test func `a user's plug-in runs at its place, with its options`() async throws {
        let yaml = "chain: [tenant, g]\nmiddleware:\n  tenant: {plan: gold}\n  g: {values: {a: {constant: b}}}"
        let response = try await TestApplication.run(yaml: yaml) { app in
            app.register(Tenant.self)
            app.router.get("/") { _, context in
                .text(try await context.pool.submit { try RequestContext.require().g[named: "tenant"] ?? "none" }.value)
            }
        } _: {
            try await $0.request("GET /", headers: ["X-Tenant": "shop"])
        }
        #expect(response.body == "shop")
        #expect(response.headers["server"] == "gold")
    }

    @Test func `a user's plug-in is checked like the built-ins`() async {
        let register: (inout Application) -> Void = { $0.register(Tenant.self) }
        #expect(
            await mistakes("chain: [tenant]\nmiddleware:\n  tenant: {paln: gold}", register: register)
                == "c.yml:3:3: middleware.tenant.plan: a value is missing; did you mean it by \"paln\"?"
        )
        #expect(
            await mistakes("chain: [tenant]\nmiddleware:\n  tenant: {plan: gold, haeder: x}", register: register)
                == "c.yml:3:24: middleware.tenant.haeder: unknown key; did you mean \"header\"? Known: header, plan."
        )
        #expect(await mistakes("chain: [tenat]", register: register).contains("did you mean \"tenant\"?"))
    }

    @Test func `a file that is not there says what to do`() async {
        let error = await #expect(throws: ConfigurationError.self) {
            try await Application(configFile: "no-such-file.yml")
        }
        #expect(error?.description.hasPrefix("no-such-file.yml: the file cannot be read.") == true)
    }

    @Test func `a text of the configuration is found by its path`() async throws {
        let app = try await Application(
            yaml: "middleware: {auth: {secret: s}}",
            environment: ["BATON_MIDDLEWARE_AUTH_API_KEY_HEADER": "k"]
        )
        #expect(app.value(at: "middleware", "auth", "secret") == "s")
        #expect(app.value(at: "middleware", "auth", "apiKeyHeader") == "k")
        #expect(app.value(at: "middleware", "auth") == nil)
        #expect(app.value(at: "nowhere") == nil)
    }

    @Test func `values of the application are there in requests and jobs`() async throws {
        let response = try await TestApplication.run { app in
            app.values[named: "shop"] = "open"
            app.router.get("/") { _, context in
                .text(
                    try await context.pool.submit { try AppContext.require().values[named: "shop"] ?? "closed" }.value
                )
            }
        } _: {
            try await $0.request("GET /")
        }
        #expect(response.body == "open")
    }

    @Test func `a mistake in a route stops the start`() async {
        await #expect(throws: RouterError.self) {
            try await TestApplication.run { app in
                app.router.get("/a") { _, _ in .text("") }
                app.router.get("/a") { _, _ in .text("") }
            } _: { _ in
            }
        }
    }
}
