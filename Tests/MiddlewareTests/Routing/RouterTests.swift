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

    @Test func `a conflict names where both routes are declared`() {
        func error(_ declare: (inout Router) -> Void) -> RouterError? {
            var router = Router()
            declare(&router)
            let broken = router
            return #expect(throws: RouterError.self) { try broken.makeHandler() }
        }
        let errors = [
            error { router in
                router.get("/a/{id}", file: "Shop/A.swift", line: 1) { _, _ in .text("") }
                router.group("/a") { $0.get("/{id}", file: "Shop/B.swift", line: 2) { _, _ in .text("") } }
            },
            error { router in
                router.get("/a/{id}", file: "Shop/A.swift", line: 1) { _, _ in .text("") }
                router.post("/a/{name}", file: "Shop/B.swift", line: 2) { _, _ in .text("") }
            },
            error { router in
                router.get("/a/{x...}", file: "Shop/A.swift", line: 1) { _, _ in .text("") }
                router.get("/a/{y...}", file: "Shop/B.swift", line: 2) { _, _ in .text("") }
            },
            error { router in
                router.get("/a@b/c", file: "Shop/A.swift", line: 1) { _, _ in .text("") }
                router.get("/a%40b/{id}", file: "Shop/B.swift", line: 2) { _, _ in .text("") }
            },
            error { router in
                router.get("/a", name: "x", file: "Shop/A.swift", line: 1) { _, _ in .text("") }
                router.get("/b", name: "x", file: "Shop/B.swift", line: 2) { _, _ in .text("") }
            },
            error { router in
                router.on(nil, "/a", file: "Shop/A.swift", line: 1) { _, _ in .text("") }
                router.on(nil, "/a", file: "Shop/B.swift", line: 2) { _, _ in .text("") }
            },
        ]
        for error in errors {
            #expect(error?.code == .conflict)
            #expect(error?.description.contains("(Shop/A.swift:1)") == true)
            #expect(error?.description.contains("(Shop/B.swift:2)") == true)
        }
    }

    @Test func `where nothing is said, the place is that of the call`() {
        var router = Router()
        router.get("no-slash") { _, _ in .text("") }
        let place = "\(#fileID):\(#line - 1)"
        #expect(router.routes.first?.declaredAt == place)
        let broken = router
        let error = #expect(throws: RouterError.self) { try broken.makeHandler() }
        #expect(error?.description.contains("(\(place))") == true)
    }

    @Test func `one path for two hosts, or of two types, is no conflict`() throws {
        var router = Router()
        router.get("/a/{id}") { _, _ in .text("") }
        router.get("/a/{id:int}") { _, _ in .text("") }
        router.get("/a/{id:uuid}") { _, _ in .text("") }
        router.get("/a/{id...}") { _, _ in .text("") }
        router.group(host: "a.test") { $0.get("/a/{name}") { _, _ in .text("") } }
        router.group(host: "b.test") { $0.get("/a/{name}") { _, _ in .text("") } }
        _ = try router.makeHandler()
    }
}
