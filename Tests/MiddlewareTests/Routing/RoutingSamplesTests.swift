import ContextPool
import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

/// The samples of `docs/routing.md`.
@Suite struct RoutingSamplesTests {
    private struct AdminsOnly: Middleware {
        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            throw HTTPError(.forbidden)
        }
    }

    private struct Audited: Middleware {
        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            var response = try await next(request, in: context)
            response.headers[.server] = "audited"
            return response
        }
    }

    struct Place: Decodable {
        var shop: String
        var item: Int
    }

    struct Page: Decodable {
        var number: Int?
        var tags: [String]
    }

    private func makeRouter() throws -> Router {
        var router = Router()

        router.get("/users/{id:int}", name: "user") { _, context in
            .text("user \(try context.parameters.require("id", as: Int.self))")
        }

        router.group("/admin", middleware: [AdminsOnly()]) { admin in
            admin.get("/orders") { _, _ in .text("all orders") }
            admin.delete("/orders/{id}", middleware: [Audited()]) { _, _ in Response(status: .noContent) }
        }

        var shop = Router()
        shop.get("/items/{id}", name: "item") { _, context in
            .text("item \(try context.parameters.require("id")) of \(context.basePath)")
        }
        router.mount("/shop", shop, names: "shop.")

        router.mount("/legacy") { request, context in
            .text("to be asked of another server: \(request.method) \(context.pathBelowBase)")
        }

        router.group(host: "api.shop.test") { $0.get("/status") { _, _ in .text("API") } }
        router.group(host: "*.shop.test") { $0.get("/status") { _, _ in .text("a shop") } }

        router.get("/shops/{shop}/items/{item}") { request, context in
            let place = try context.parameters.decode(Place.self)
            let page = try request.query.decode(Page.self)
            return .text("\(place.shop) \(place.item), page \(page.number ?? 1) of \(page.tags)")
        }

        try router.wrap(.below("/shop"), in: MiddlewareChain([.init(name: "audited", middleware: Audited())]))
        return router
    }

    @Test(arguments: [
        ("/users/7", "user 7"), ("/admin/orders", "403 Forbidden\n"), ("/shop/items/7", "item 7 of /shop"),
        ("/legacy/a%20b", "to be asked of another server: GET /a%20b"), ("http://api.shop.test/status", "API"),
        ("http://x.shop.test/status", "a shop"),
        ("/shops/a/items/2?tags=x&number=3", #"a 2, page 3 of ["x"]"#),
    ])
    func `the samples compile, and answer`(_ target: String, _ text: String) async throws {
        let response = try await TestExchange().send(.test(target), makeRouter().makeHandler())
        #expect(response.text == text)
        #expect(response.headers[.server] == (target.hasPrefix("/shop/") ? "audited" : nil))
    }

    @Test func `a name makes a URL`() throws {
        let router = try makeRouter()
        let url = try router.url(for: "user", ["id": "7"], query: ["tab": "a&b"])
        #expect(url == "/users/7?tab=a%26b")
        #expect(try router.url(for: "shop.item", ["id": "7"]) == "/shop/items/7")
    }

    @Test(arguments: ["/shops/a/items/x", "/shops/a/items/2?number=x"])
    func `a mistake names the parameter`(_ target: String) async throws {
        let response = try await TestExchange().send(.test(target), makeRouter().makeHandler())
        #expect(response.status == .badRequest)
        #expect(response.text.contains(target.contains("?") ? "\"number\"" : "\"item\""))
    }
}
