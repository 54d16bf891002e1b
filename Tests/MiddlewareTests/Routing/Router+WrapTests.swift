import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct RouterWrapTests {
    private let chain = MiddlewareChain([
        MiddlewareChain.Step(
            name: "guard",
            middleware: ClosureMiddleware { request, context, next in
                var response = try await next(request, in: context)
                response.headers[.server] = "guarded" + (response.headers[.server] ?? "")
                return response
            }
        )
    ])

    private func router() -> Router {
        var router = Router()
        let patterns = [
            "/", "/admin", "/admin/", "/admin/users/{id}", "/administrators", "/{page}", "/{section}/users",
            "/{a}/{b}/deep/x",
            "/{rest...}", "/shops/{shop}/admin", "/{n:int}/x",
        ]
        for pattern in patterns { router.get(pattern, name: pattern) { _, _ in .text(pattern) } }
        return router
    }

    @Test(arguments: [
        ("/admin", true, "/admin"), ("/admin/", true, "/admin/"), ("/admin/users/7", true, "/admin/users/{id}"),
        ("/admin/users", true, "/{section}/users"), ("/admin/other", true, "/{rest...}"),
        ("/admin/b/deep/x", true, "/{a}/{b}/deep/x"), ("/administrators", false, "/administrators"),
        ("/shop/users", false, "/{section}/users"), ("/page", false, "/{page}"),
        ("/a/b/deep/x", false, "/{a}/{b}/deep/x"),
        ("/x/admin", false, "/{rest...}"), ("/", false, "/"), ("/shops/7/admin", false, "/shops/{shop}/admin"),
    ])
    func `below a prefix every request passes the chain, whichever route answers, and elsewhere none`(
        _ path: String,
        _ isGuarded: Bool,
        _ pattern: String
    ) async throws {
        var router = router()
        // All but the root, the administrators, the shops and the number.
        let count = try router.wrap(.below("/admin"), in: chain)
        #expect(count == 7)
        let response = try await TestExchange().send(.test(path), router.makeHandler())
        #expect(response.text == pattern)
        #expect(response.headers[.server] == (isGuarded ? "guarded" : nil))
        let route = try router.makeTable().route(for: .get, path)
        #expect(route?.pattern == pattern)
        #expect(route?.chain.steps.map(\.name) == (isGuarded ? ["guard"] : []))
    }

    @Test(arguments: ["/%61dmin", "/%61dmin/x", "/%61dmin/users", "/admin/%75sers/7", "/admi%6e/b/deep/x"])
    func `another spelling of the prefix does not lead around the chain`(_ path: String) async throws {
        var open = Router()
        for pattern in ["/{page}", "/{section}/{x}", "/{a}/{b}/{c}", "/{rest...}", "/{a}/{b}/deep/x"] {
            open.get(pattern) { _, _ in .text("") }
        }
        try open.wrap(.below("/admin"), in: chain)
        let response = try await TestExchange().send(.test(path), open.makeHandler())
        #expect(response.headers[.server] == "guarded")
    }

    @Test(arguments: [
        ("/shops/7/admin", true), ("/shops/x/admin", false), ("/shops/7/other", true), ("/shops/%37/other", true),
        ("/shops/7", true), ("/shops", false), ("/other/7/x", false),
    ])
    func `a prefix may have parameters with types`(_ path: String, _ isGuarded: Bool) async throws {
        var router = router()
        try router.wrap(.below("/shops/{shop:int}"), in: chain)
        let response = try await TestExchange().send(.test(path), router.makeHandler())
        #expect(response.headers[.server] == (isGuarded ? "guarded" : nil))
    }

    @Test func `everything, one pattern, or one name can be wrapped; a misspelt one says so`() throws {
        var router = router()
        let count = router.routes.count
        router.post("/admin") { _, _ in .text("") }
        let counts = try [
            router.wrap(.all, in: chain), router.wrap(.below("/"), in: chain),
            router.wrap(.pattern("/admin"), in: chain),
            router.wrap(.named("/{page}"), in: chain), router.wrap(.named("page"), in: chain),
            router.wrap(.pattern("/nowhere"), in: chain), router.wrap(.below("/{n:int}/x/y"), in: chain),
        ]
        #expect(counts == [count + 1, count + 1, 2, 1, 0, 0, 1])
        for prefix in ["admin", "/admin/", "/{rest...}", ""] {
            #expect(throws: RouterError.self) { try RouteSelection.below(prefix) }
        }
    }

    @Test func `a later chain stands outside of what is there`() async throws {
        func noting(_ name: String) -> ClosureMiddleware {
            ClosureMiddleware { request, context, next in
                var response = try await next(request, in: context)
                response.headers[.server] = (response.headers[.server] ?? "") + name
                return response
            }
        }
        func chain(_ name: String) -> MiddlewareChain {
            MiddlewareChain([MiddlewareChain.Step(name: name, middleware: noting(name))])
        }
        var router = Router()
        router.get("/a/b", middleware: [noting("1")]) { _, _ in .text("") }
        try router.wrap(.below("/a"), in: chain("2"))
        router.wrap(.all, in: chain("3"))
        let response = try await TestExchange().send(.test("/a/b"), router.makeHandler())
        #expect(response.headers[.server] == "123")
        // What no route answers passes none, but a route's path does, whatever the method.
        #expect(try await TestExchange().send(.test("/a/c"), router.makeHandler()).headers[.server] == nil)
        #expect(
            try await TestExchange().send(.test("/a/b", method: "OPTIONS"), router.makeHandler()).headers[.server]
                == "123"
        )
    }
}
