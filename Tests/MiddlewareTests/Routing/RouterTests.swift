import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct RouterTests {
    private func error(_ routes: [(HTTPRequest.Method?, String)]) -> RouterError? {
        var router = Router()
        for (method, pattern) in routes { router.on(method, pattern) { _, _ in .text("") } }
        let broken = router
        return #expect(throws: RouterError.self) { try broken.makeHandler() }
    }

    @Test(arguments: ["/a", "/a/{id}", "/"])
    func `two routes with one method and path are a conflict`(_ pattern: String) {
        for method in [HTTPRequest.Method.get, nil] {
            let error = error([(method, pattern), (method, pattern)])
            #expect(error?.code == .conflict)
            #expect(error?.description.contains(pattern) == true)
        }
    }

    @Test(arguments: [HTTPRequest.Method.get, .post])
    func `one path under other names of its parameters is a conflict, whatever the methods`(
        _ method: HTTPRequest.Method
    ) {
        let error = error([(.get, "/users/{id}/orders"), (method, "/users/{name}/orders")])
        #expect(error?.code == .conflict)
        #expect(error?.description.contains("/users/{id}/orders") == true)
        #expect(error?.description.contains("/users/{name}/orders") == true)
    }

    @Test func `parameters of different routes may be called differently where the paths differ`() throws {
        var router = Router()
        router.get("/users/{id}/orders") { _, _ in .text("") }
        router.get("/users/{name}/profile") { _, _ in .text("") }
        router.post("/users/{name}/profile") { _, _ in .text("") }
        _ = try router.makeHandler()
    }

    @Test func `a pattern that cannot be read stops the start, not the registration`() {
        #expect(error([(.get, "users")])?.code == .invalidPattern)
    }

    @Test func `routes are listed in the order of their registration`() {
        var router = Router()
        router.get("/b") { _, _ in .text("") }
        router.post("/a") { _, _ in .text("") }
        router.put("/a") { _, _ in .text("") }
        router.patch("/a") { _, _ in .text("") }
        router.delete("/a") { _, _ in .text("") }
        router.on(nil, "/c") { _, _ in .text("") }
        #expect(router.routes.map(\.pattern) == ["/b", "/a", "/a", "/a", "/a", "/c"])
        #expect(router.routes.map(\.method) == [.get, .post, .put, .patch, .delete, nil])
    }

    @Test func `a router without routes answers 404`() async throws {
        let response = try await TestExchange().send(.test("/"), Router().makeHandler())
        #expect(response.status == .notFound)
    }
}
