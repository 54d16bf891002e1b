import TestSupport
import Testing

@testable import Baton

@Suite struct RouterSettingsTests {
    private func status(_ yaml: String, of target: String, inCode policy: TrailingSlash) async throws -> Int {
        try await TestApplication.run(yaml: yaml) { app in
            app.router.trailingSlash = policy
            app.router.get("/users") { _, _ in .text("users") }
        } _: { app in
            try await app.request("GET \(target)").status
        }
    }

    @Test(arguments: [("strict", 404), ("redirect", 308), ("ignore", 200)])
    func `the file says what becomes of another slash, and wins over the code`(_ policy: String, _ wanted: Int)
        async throws
    {
        let yaml = "router: {trailingSlash: \(policy)}"
        for code in [TrailingSlash.strict, .redirect, .ignore] {
            #expect(try await status(yaml, of: "/users/", inCode: code) == wanted)
        }
    }

    @Test func `left out, the code says it`() async throws {
        #expect(try await status("", of: "/users/", inCode: .redirect) == 308)
        #expect(try await status("router:", of: "/users/", inCode: .strict) == 404)
    }

    @Test func `another word is a mistake with its line`() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            try await Application(yaml: "router: {trailingSlash: redirct}").checkChain()
        }
        #expect(
            error?.description.hasPrefix("config.yml:1:25: router.trailingSlash: \"redirct\" is not known here") == true
        )
    }
}
