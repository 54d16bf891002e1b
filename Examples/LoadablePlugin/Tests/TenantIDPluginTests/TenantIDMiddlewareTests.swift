import Baton
import MiddlewareTesting
import Testing

@testable import TenantIDPlugin

@Suite struct TenantIDMiddlewareTests {
    /// An application with the middleware in its chain, and a route that tells what it has found.
    private func makeApplication(_ options: String = "{}") async throws -> Application {
        let yaml = """
            chain: [tenant-id]
            middleware:
              tenant-id: \(options)
            """
        var app = try await Application(yaml: yaml)
        app.register(TenantIDMiddleware.self)
        app.router.get("/") { _, context in .text(context.g.tenantID ?? "nothing") }
        return app
    }

    @Test(arguments: TestDepth.allCases)
    func itFindsWhatTheRequestSays(depth: TestDepth) async throws {
        let app = try await makeApplication()
        try await app.test(depth) { client in
            let said = try await client.get("/", headers: ["x-tenant-id": "a"])
            #expect(said.text == "a")
            let silent = try await client.get("/")
            #expect(silent.text == "nothing")
        }
    }

    @Test(arguments: TestDepth.allCases)
    func itRefusesRequestsWithoutWhatIsRequired(depth: TestDepth) async throws {
        let app = try await makeApplication("{header: x-other, required: true}")
        try await app.test(depth) { client in
            let right = try await client.get("/", headers: ["x-other": "a"])
            #expect(right.text == "a")
            let wrong = try await client.get("/", headers: ["x-tenant-id": "a"])
            #expect(wrong.status == .badRequest)
        }
    }

    @Test func optionsThatMakeNoSenseAreToldWithTheirLine() async throws {
        let app = try await makeApplication("{header: 'two words'}")
        let error = #expect(throws: ConfigurationError.self) { try app.checkChain() }
        #expect(error?.description.hasPrefix("config.yml:3:") == true)
    }

    @Test func itKeepsTheLawsOfTheSeam() async throws {
        let breaches = try await MiddlewareLaws.breaches(of: TenantIDMiddleware.self, yaml: "required: false")
        #expect(breaches == [])
    }
}
