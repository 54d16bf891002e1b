import Baton
import TestSupport
import Testing

@Suite struct ApplicationLinksTests {
    @Test func `handlers and jobs make URLs of named routes, also of those that are added later`() async throws {
        let response = try await TestApplication.run { app in
            app.router.get("/") { _, context in
                let job = try context.pool.submit { try RequestContext.require().url(for: "user", ["id": "a/b"]) }
                return .text(try await job.value)
            }
            app.router.get("/users/{id}", name: "user") { _, _ in .text("") }
        } _: {
            try await $0.request("GET /")
        }
        #expect(response.body == "/users/a%2Fb")
    }

    @Test func `a name that two routes have stops the start`() async {
        let error = await #expect(throws: RouterError.self) {
            try await TestApplication.run { app in
                app.router.get("/a", name: "x") { _, _ in .text("") }
                app.router.get("/b", name: "x") { _, _ in .text("") }
            } _: { _ in
            }
        }
        #expect(error?.code == .conflict)
    }
}
