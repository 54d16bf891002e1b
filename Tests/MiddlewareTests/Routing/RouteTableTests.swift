import ContextPool
import EventServer
import HTTPTypes
import TestSupport
import Testing

@testable import Middleware

@Suite struct RouteTableTests {
    /// A router whose routes answer with their method, pattern and parameters.
    private func router(_ routes: [(HTTPRequest.Method?, String)]) -> Router {
        var router = Router()
        for (method, pattern) in routes {
            router.on(method, pattern) { _, context in
                let names = ["id", "name", "a", "b", "x", "y", "rest"]
                let parameters = names.compactMap { name in context.parameters[name].map { "\(name)=\($0)" } }
                return .text(([method?.rawValue ?? "any", pattern] + parameters).joined(separator: " "))
            }
        }
        return router
    }

    private func answer(_ line: String, _ routes: [(HTTPRequest.Method?, String)]) async throws -> Response {
        let parts = line.split(separator: " ").map(String.init)
        return try await TestExchange().send(.test(parts[1], method: parts[0]), router(routes).makeHandler())
    }

    @Test(arguments: [
        ("/users", "GET /users"), ("/users/me", "GET /users/me"), ("/users/7", "GET /users/{id} id=7"),
        ("/users/7/orders", "GET /users/{id}/orders id=7"), ("/users/me/orders", "GET /users/{id}/orders id=me"),
        ("/users/a/b", "GET /users/{a}/{b} a=a b=b"), ("/users/7?q=/x", "GET /users/{id} id=7"),
    ])
    func `text wins over a parameter, and a dead end goes back to the parameter`(_ path: String, _ expected: String)
        async throws
    {
        let routes: [(HTTPRequest.Method?, String)] = [
            (.get, "/users/{id}"), (.get, "/users/me"), (.get, "/users"), (.get, "/users/{id}/orders"),
            (.get, "/users/me/profile"),
        ]
        if path == "/users/a/b" {
            #expect(try await answer("GET \(path)", [(.get, "/users/{a}/{b}"), (.get, "/users/a/c")]).text == expected)
        } else {
            #expect(try await answer("GET \(path)", routes).text == expected)
        }
    }

    @Test(arguments: [
        "/", "/user", "/users/", "/users//", "//users/7", "/users/7/", "/users/7/orders/8", "/USERS/7", "/%75sers/7",
        "/users/./7", "/users/x/..",
    ])
    func `what no route has is 404`(_ path: String) async throws {
        let response = try await answer("GET \(path)", [(.get, "/users/{id}"), (.get, "/users/{id}/orders")])
        #expect(response.status == .notFound)
    }

    @Test(arguments: [
        ("a%20b", "a b"), ("a%2Fb", "a/b"), ("...", "..."), ("..;", "..;"), ("caf%C3%A9", "café"), ("a+b", "a+b"),
        ("%25", "%"), ("%2525", "%25"), ("a;b=c", "a;b=c"), ("%61", "a"),
    ])
    func `a parameter is decoded once, after the path was cut`(_ segment: String, _ value: String) async throws {
        let response = try await answer("GET /users/\(segment)", [(.get, "/users/{id}")])
        #expect(response.text == "GET /users/{id} id=\(value)")
    }

    @Test(arguments: [
        "%", "%2", "%zz", "a%", "%ff", "%C3", "%ED%A0%80", "%C0%AF", ".", "..", "%2e", "%2e%2E", ".%2e", "%00", "a%00b",
    ])
    func `what is broken, a dot segment or holds NUL is no parameter`(_ segment: String) async throws {
        let response = try await answer("GET /users/\(segment)", [(.get, "/users/{id}")])
        #expect(response.status == .notFound)
    }

    @Test(arguments: [
        ("/7", "int id=7"), ("/-7", "int id=-7"), ("/0", "int id=0"),
        ("/9223372036854775807", "int id=9223372036854775807"),
        ("/9223372036854775808", "text name=9223372036854775808"), ("/+7", "text name=+7"), ("/007", "text name=007"),
        ("/-0", "text name=-0"), ("/7.0", "text name=7.0"), ("/", ""), ("/%D9%A7", "text name=٧"),
        ("/--7", "text name=--7"),
        ("/123e4567-e89b-12d3-a456-426614174000", "uuid a=123e4567-e89b-12d3-a456-426614174000"),
        ("/123E4567-E89B-12D3-A456-426614174000", "uuid a=123E4567-E89B-12D3-A456-426614174000"),
        ("/123e4567-e89b-12d3-a456-42661417400g", "text name=123e4567-e89b-12d3-a456-42661417400g"),
        ("/123e4567e89b-12d3-a456-4266141740000", "text name=123e4567e89b-12d3-a456-4266141740000"),
    ])
    func `a type is preferred to none, and takes one spelling of its values`(_ path: String, _ expected: String)
        async throws
    {
        let routes: [(HTTPRequest.Method?, String)] = [(.get, "/{name}"), (.get, "/{id:int}"), (.get, "/{a:uuid}")]
        let response = try await answer("GET \(path)", routes)
        let types = ["int": "GET /{id:int}", "text": "GET /{name}", "uuid": "GET /{a:uuid}"]
        let words = expected.split(separator: " ")
        #expect(response.status == (words.isEmpty ? .notFound : .ok))
        if !words.isEmpty { #expect(response.text == "\(types[String(words[0])] ?? "") \(words[1])") }
    }

    @Test(arguments: [
        ("/files/", "rest="), ("/files/a", "rest=a"), ("/files/a/b/c.txt", "rest=a/b/c.txt"), ("/files/a/", "rest=a/"),
        ("/files/a%20b/%C3%A9", "rest=a b/é"), ("/files/...", "rest=..."), ("/files/a%2520", "rest=a%20"),
    ])
    func `a wildcard has all that follows, decoded once`(_ path: String, _ rest: String) async throws {
        #expect(try await answer("GET \(path)", [(.get, "/files/{rest...}")]).text == "GET /files/{rest...} \(rest)")
    }

    @Test(arguments: [
        "/files", "/files//", "/files//a", "/files/a//b", "/files/a//", "/files/../a", "/files/a/..", "/files/./a",
        "/files/%2e%2e/a", "/files/a%2Fb", "/files/a/..%2f..", "/files/a%5Cb", "/files/a\\b", "/files/%", "/files/a%00",
        "/files/%ff", "/filesa", "/files/..%5c",
    ])
    func `a wildcard never has what somebody could resolve to another path`(_ path: String) async throws {
        #expect(try await answer("GET \(path)", [(.get, "/files/{rest...}")]).status == .notFound)
    }

    @Test(arguments: [
        ("GET /a/b/c", "GET /a/b/c"), ("GET /a/b/7", "GET /a/b/{id:int} id=7"),
        ("GET /a/b/x", "GET /a/b/{name} name=x"),
        ("GET /a/b/x/y", "GET /a/b/{rest...} rest=x/y"), ("GET /a/x/c", "GET /a/{x}/c x=x"),
        ("GET /a/x/d", "GET /{rest...} rest=a/x/d"), ("POST /a/b/c", "POST /a/{rest...} rest=b/c"),
        ("GET /", "GET /{rest...} rest="),
    ])
    func `text is tried before types, types before parameters, and wildcards last, from the left`(
        _ line: String,
        _ expected: String
    ) async throws {
        let gets = ["/{rest...}", "/a/b/{rest...}", "/a/{x}/c", "/a/b/{name}", "/a/b/{id:int}", "/a/b/c"]
        let routes = gets.map { (HTTPRequest.Method?.some(.get), $0) } + [(.post, "/a/{rest...}")]
        #expect(try await answer(line, routes).text == expected)
        #expect(try await answer(line, routes.reversed()).text == expected)
    }

    @Test func `a path that only other methods answer is 405 with all of them`() async throws {
        let routes: [(HTTPRequest.Method?, String)] = [
            (.get, "/users/{id}"), (.put, "/users/{id}"), (.delete, "/users/{id}"),
        ]
        let response = try await answer("POST /users/7", routes)
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == "GET, PUT, DELETE, HEAD, OPTIONS")
    }

    @Test(arguments: [("GET", "GET /users/me"), ("DELETE", "DELETE /users/{id} id=me"), ("HEAD", "GET /users/me")])
    func `a route with a parameter answers the methods that the one with text leaves`(
        _ method: String,
        _ expected: String
    ) async throws {
        let routes: [(HTTPRequest.Method?, String)] = [(.get, "/users/me"), (.delete, "/users/{id}")]
        #expect(try await answer("\(method) /users/me", routes).text == expected)
    }

    @Test func `Allow names the methods of every route that has the path`() async throws {
        let routes: [(HTTPRequest.Method?, String)] = [
            (.get, "/a/b"), (.post, "/a/{x}"), (.put, "/{y}/b"), (.patch, "/{y}/c"), (.get, "/{x}/{y}/z"),
        ]
        let refused = try await answer("DELETE /a/b", [(.get, "/a/b"), (.post, "/a/{x}"), (.put, "/{y}/b")])
        #expect(refused.status == .methodNotAllowed)
        #expect(refused.headers[.allow] == "GET, POST, PUT, HEAD, OPTIONS")
        #expect(try await answer("PUT /a/b", routes).text == "PUT /{y}/b y=a")
        #expect(try await answer("POST /a/b", routes).text == "POST /a/{x} x=b")
    }

    @Test func `HEAD is answered by GET, also where another route takes any method`() async throws {
        let both: [(HTTPRequest.Method?, String)] = [(nil, "/a"), (.get, "/a")]
        #expect(try await answer("HEAD /a", both).text == "GET /a")
        #expect(try await answer("HEAD /a", [(.get, "/a"), (.head, "/a")]).text == "HEAD /a")
        #expect(try await answer("HEAD /a", [(.post, "/a")]).status == .methodNotAllowed)
    }

    @Test func `a route for any method answers what the others leave`() async throws {
        let routes: [(HTTPRequest.Method?, String)] = [(nil, "/x/{id}"), (.get, "/x/{id}")]
        #expect(try await answer("GET /x/1", routes).text == "GET /x/{id} id=1")
        #expect(try await answer("BREW /x/1", routes).text == "any /x/{id} id=1")
        #expect(try await answer("OPTIONS /x/1", routes).text == "any /x/{id} id=1")
    }

    @Test func `OPTIONS is answered from the list of methods, unless a route does`() async throws {
        let response = try await answer("OPTIONS /a", [(.post, "/a")])
        #expect(response.status == .noContent)
        #expect(response.headers[.allow] == "POST, OPTIONS")
        #expect(try await answer("OPTIONS /a", [(.post, "/a"), (.options, "/a")]).text == "OPTIONS /a")
        #expect(try await answer("OPTIONS /b", [(.post, "/a")]).status == .notFound)
        #expect(try await answer("OPTIONS *", [(.post, "/a")]).status == .noContent)
    }

    @Test func `methods are told apart by case`() async throws {
        #expect(try await answer("get /a", [(.get, "/a")]).status == .methodNotAllowed)
    }

    @Test(arguments: [
        String(repeating: "/a", count: 4000), String(repeating: "/", count: 8000),
        "/" + String(repeating: "x", count: 8000),
    ])
    func `the longest paths that the parser lets through are looked up`(_ path: String) async throws {
        let routes: [(HTTPRequest.Method?, String)] = [(.get, "/a/{x}/a/{y}"), (.get, "/{x}/a/{y}/b")]
        #expect(try await answer("GET \(path)", routes).status == .notFound)
    }

    @Test func `a route as deep as a target can be answers`() async throws {
        let pattern = String(repeating: "/a", count: 2000) + "/{id}"
        let path = String(repeating: "/a", count: 2000) + "/7"
        #expect(try await answer("GET \(path)", [(.get, pattern)]).text.hasSuffix("id=7"))
    }

    @Test func `many routes that differ late are told apart without trying all`() async throws {
        // 2^12 ways through text or parameter, of which only one exists.
        let depth = 12
        let routes = (0..<depth)
            .map { index -> (HTTPRequest.Method?, String) in
                let parts = (0..<depth).map { $0 == index ? "{x}" : "a" }
                return (.get, "/" + parts.joined(separator: "/") + "/end\(index)")
            }
        let path = "/" + Array(repeating: "a", count: depth).joined(separator: "/") + "/end7"
        #expect(try await answer("GET \(path)", routes).text.hasSuffix("/end7 x=a"))
        #expect(try await answer("GET \(path)x", routes).status == .notFound)
    }

    @Test func `all mistakes are reported at once, each once`() throws {
        var router = router([
            (.get, "/a"), (.get, "/a"), (.get, "b"), (.get, "/c/{x}"), (.put, "/c/{y}"), (.get, "/ok"),
        ])
        router.get("/d/{", name: "d") { _, _ in .text("") }
        router.get("/e", name: "same") { _, _ in .text("") }
        router.get("/f", name: "same") { _, _ in .text("") }
        router.group("/g/") { group in group.get("/h") { _, _ in .text("") } }
        router.group(host: "shop test") { shop in shop.get("/") { _, _ in .text("") } }
        let error = try #require(throws: RouterError.self) { try router.makeTable() }
        let lines = error.description.split(separator: "\n")
        for part in ["\"GET /a\"", "\"b\"", "/c/{x}", "\"/d/{\"", "\"same\"", "\"/g/\"", "\"shop test\""] {
            #expect(lines.filter { $0.contains(part) }.count == 1, "\(part) in \(error)")
        }
        #expect(lines.count == 7)
    }

    @Test(arguments: [TrailingSlash.strict, .redirect, .ignore], [false, true])
    func `a path that is known as a whole has the route that a look-up finds`(_ slash: TrailingSlash, hasHosts: Bool)
        async throws
    {
        let patterns = [
            "/", "/a", "/a/", "/a/b", "/a/{x}", "/b/{x:int}", "/b/7", "/c", "/c/{rest...}", "/d%20e", "/{name}",
        ]
        let methods: [HTTPRequest.Method?] = [.get, .post, nil]
        for count in 1...patterns.count {
            var router = router(patterns.prefix(count).enumerated().map { (methods[$0.offset % 3], $0.element) })
            router.trailingSlash = slash
            if hasHosts { router.group("", host: "one.test") { $0.get("/a") { _, _ in .text("one") } } }
            let table = try router.makeTable()
            for path in patterns + [
                "/a//", "/A", "/b", "/b/8/", "/c/", "/%61", "/d e", "/d%20e/", "/x", "/c/y/z", "/a/b/",
            ]
            where !path.contains("{") && !path.contains(" ") {
                for method in [HTTPRequest.Method.get, .head, .post, .options, .delete] {
                    let request = try Request.test(path, method: method.rawValue)
                    let context = RequestContext(app: try TestExchange().app)
                    _ = try? table.pass(request, context)
                    #expect(request.route == table.route(for: method, path, host: "host")?.pattern)
                }
            }
        }
    }
}
