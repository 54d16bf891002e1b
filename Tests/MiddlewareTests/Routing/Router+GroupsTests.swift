import ContextPool
import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct RouterGroupsTests {
    /// Adds its name to a field of the response: the innermost comes first.
    private func noting(_ name: String) -> ClosureMiddleware {
        ClosureMiddleware { request, context, next in
            var response = try await next(request, in: context)
            response.headers[.server] = (response.headers[.server] ?? "") + name
            return response
        }
    }

    private func send(_ line: String, host: String? = nil, _ router: Router) async throws -> Response {
        let parts = line.split(separator: " ").map(String.init)
        // An absolute target names the host.
        let target = host.map { "http://\($0)\(parts[1])" } ?? parts[1]
        return try await TestExchange().send(.test(target, method: parts[0]), router.makeHandler())
    }

    @Test func `middleware stands around its routes alone, that of the outer group outermost`() async throws {
        var router = Router()
        router.get("/out", middleware: [noting("r")]) { _, _ in .text("out") }
        router.group("/a", middleware: [noting("1"), noting("2")]) { group in
            group.get("", middleware: [noting("x")]) { _, _ in .text("a") }
            group.get("/") { _, _ in .text("a/") }
            group.group("/{id}", middleware: [noting("3")]) { inner in
                inner.get("/b", middleware: [noting("x"), noting("y")]) { _, context in
                    .text(try context.parameters.require("id"))
                }
            }
        }
        #expect(router.routes.map(\.pattern) == ["/out", "/a", "/a/", "/a/{id}/b"])
        #expect(try await send("GET /out", router).headers[.server] == "r")
        #expect(try await send("GET /a", router).headers[.server] == "x21")
        #expect(try await send("GET /a/", router).headers[.server] == "21")
        let inner = try await send("GET /a/7/b", router)
        #expect(inner.headers[.server] == "yx321")
        #expect(inner.text == "7")
        #expect(router.routes[3].chain.steps.count == 5)
        #expect(router.routes[0].chain.steps.map(\.name) == ["ClosureMiddleware"])
    }

    @Test func `OPTIONS and 405 pass what stands around all routes of the path`() async throws {
        let cors = ClosureMiddleware { request, context, next in
            if request.method == .options, request.header(.origin) != nil {
                return .text("preflight \(context.parameters["id"] ?? "")")
            }
            return try await next(request, in: context)
        }
        var router = Router()
        router.group("/api", middleware: [cors]) { api in
            api.get("/{id}", middleware: [noting("g")]) { _, _ in .text("") }
            api.put("/{id}", middleware: [noting("p")]) { _, _ in .text("") }
        }
        let handler = try router.makeHandler()
        let exchange = try TestExchange()
        let preflight = try Request.test("/api/7", method: "OPTIONS", fields: ["Origin: http://a.test"])
        #expect(await exchange.send(preflight, handler).text == "preflight 7")
        let plain = await exchange.send(try .test("/api/7", method: "OPTIONS"), handler)
        #expect(plain.headers[.allow] == "GET, PUT, HEAD, OPTIONS")
        #expect(plain.headers[.server] == nil)
        let refusing = ClosureMiddleware { _, _, _ in throw HTTPError(.forbidden) }
        var guarded = Router()
        guarded.get("/x", middleware: [refusing]) { _, _ in .text("") }
        #expect(try await send("POST /x", guarded).status == .forbidden)
    }

    @Test func `a mounted router knows where it stands, and can stand in two places`() async throws {
        var shop = Router()
        shop.get("/items/{id}", name: "item") { _, context in
            .text("\(context.basePath) \(context.pathBelowBase) \(context.parameters["id"] ?? "")")
        }
        shop.get("") { _, context in .text("\(context.basePath) \(context.pathBelowBase)") }
        var outer = Router()
        outer.mount("/shop", shop)
        outer.get("/about") { _, context in .text("\(context.basePath) \(context.pathBelowBase)") }
        var router = Router()
        router.mount("/{tenant}/v1", outer, names: "v1.", middleware: [noting("m")])
        router.group("/plain") { $0.mount("/store", shop) }
        router.get("/x") { _, context in .text("\(context.basePath) \(context.pathBelowBase)") }
        #expect(try await send("GET /a%20b/v1/shop/items/7", router).text == "/a%20b/v1/shop /items/7 7")
        #expect(try await send("GET /a/v1/shop", router).text == "/a/v1/shop ")
        #expect(try await send("GET /a/v1/about", router).text == "/a/v1 /about")
        #expect(try await send("GET /a/v1/about", router).headers[.server] == "m")
        #expect(try await send("GET /plain/store/items/7", router).text == "/plain/store /items/7 7")
        #expect(try await send("GET /x", router).text == " /x")
        #expect(try router.url(for: "v1.item", ["tenant": "t", "id": "7"]) == "/t/v1/shop/items/7")
        #expect(try router.url(for: "item", ["id": "7"]) == "/plain/store/items/7")
    }

    @Test(arguments: [
        ("GET /files", "/files "), ("POST /files/", "/files /"), ("BREW /files/a%20b/c", "/files /a%20b/c"),
        ("GET /files/a/", "/files /a/"),
    ])
    func `a mounted handler answers everything below its place`(_ line: String, _ expected: String) async throws {
        var router = Router()
        router.mount("/files") { _, context in .text("\(context.basePath) \(context.pathBelowBase)") }
        #expect(try await send(line, router).text == expected)
    }

    @Test(arguments: [
        "/files/..", "/files/../x", "/files//x", "/files/%2e%2e/x", "/files/a%2fb", "/filesx", "/%66iles/a",
    ])
    func `a mounted handler gets no path that leads out of its place`(_ path: String) async throws {
        var router = Router()
        router.mount("/files") { _, _ in .text("") }
        #expect(try await send("GET \(path)", router).status == .notFound)
    }

    @Test(arguments: [
        ("shop.test", "/a", "shop"), ("SHOP.test:8080", "/a", "shop"), ("shop.test.", "/a", "shop"),
        ("x.shop.test", "/a", "below"), ("y.x.shop.test:1", "/a", "below"), ("img.shop.test", "/a", "img"),
        ("other.test", "/a", "any"), ("shop.test.evil", "/a", "any"), ("xshop.test", "/a", "any"),
        ("[::1]:80", "/a", "six"),
        ("[::1]", "/a", "six"), ("127.0.0.1:80", "/a", "any"), ("shop.test", "/b", "any b"),
        ("x.shop.test", "/b", "any b"),
    ])
    func `the closest host is asked first, and what it has no route for goes to the others`(
        _ host: String,
        _ path: String,
        _ expected: String
    ) async throws {
        var router = Router()
        router.get("/a") { _, _ in .text("any") }
        router.get("/b") { _, _ in .text("any b") }
        for (host, name) in [
            ("shop.test", "shop"), ("*.Shop.test", "below"), ("img.shop.test", "img"), ("[::1]", "six"),
        ] {
            router.group(host: host) { $0.get("/a") { _, _ in .text(name) } }
        }
        #expect(try await send("GET \(path)", host: host, router).text == expected)
        #expect(router.routes[2].host == "shop.test")
    }

    @Test func `a host as long as a head allows is looked up like any other`() async throws {
        var router = Router()
        router.get("/a") { _, _ in .text("any") }
        router.group(host: "*.test") { $0.get("/a") { _, _ in .text("below") } }
        let long = String(repeating: "a.", count: 2000) + "test"
        #expect(try await send("GET /a", host: long, router).text == "any")
        #expect(try await send("GET /a", host: String(repeating: "a.", count: 100) + "test", router).text == "below")
    }

    @Test func `Allow names the methods of the host's routes and of those for all hosts`() async throws {
        var router = Router()
        router.get("/a") { _, _ in .text("") }
        router.group(host: "shop.test") { $0.post("/a") { _, _ in .text("") } }
        #expect(try await send("PUT /a", host: "shop.test", router).headers[.allow] == "POST, GET, HEAD, OPTIONS")
        #expect(try await send("PUT /a", host: "other.test", router).headers[.allow] == "GET, HEAD, OPTIONS")
    }

    @Test(arguments: ["", "*.", "*", "a..b", "shop.test:80", "a.*.b", "a b", "http://a", "ü.test", "a/b"])
    func `a host that none can be stops the start, with its place`(_ host: String) {
        var router = Router()
        router.group(host: host, file: "Shop/Routes.swift", line: 7) { $0.get("/a") { _, _ in .text("") } }
        let broken = router
        let error = #expect(throws: RouterError.self) { try broken.makeHandler() }
        #expect(error?.code == .invalidHost)
        #expect(error?.description.contains("(Shop/Routes.swift:7)") == true)
    }

    @Test(arguments: ["a", "/a/", "/"]) func `so does a prefix that is none`(_ prefix: String) {
        var router = Router()
        router.mount(prefix, Router(), file: "Shop/Routes.swift", line: 7)
        let broken = router
        let error = #expect(throws: RouterError.self) { try broken.makeHandler() }
        #expect(error?.code == .invalidPattern)
        #expect(error?.description.contains("(Shop/Routes.swift:7)") == true)
    }

    @Test func `a host inside of another one is a mistake`() {
        var router = Router()
        router.group(host: "a.test") { $0.group(host: "b.test") { $0.get("/") { _, _ in .text("") } } }
        let broken = router
        #expect(throws: RouterError.self) { try broken.makeHandler() }
    }

    @Test func `a group that throws adds nothing`() {
        struct Broken: Error {}
        var router = Router()
        #expect(throws: Broken.self) {
            try router.group("/a") { group in
                group.get("/b") { _, _ in .text("") }
                throw Broken()
            }
        }
        #expect(router.routes.isEmpty)
    }
}
