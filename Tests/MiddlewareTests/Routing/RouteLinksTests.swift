import ContextPool
import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct RouteLinksTests {
    private func router() -> Router {
        var router = Router()
        router.get("/", name: "home") { _, _ in .text("") }
        router.get("/users/{id}", name: "user") { _, context in .text(context.parameters["id"] ?? "") }
        router.get("/orders/{id:int}", name: "order") { _, context in .text(context.parameters["id"] ?? "") }
        router.get("/caf%C3%A9/{a}/x/{b}", name: "two") { _, _ in .text("") }
        router.get("/files/{rest...}", name: "file") { _, context in .text(context.parameters["rest"] ?? "") }
        return router
    }

    @Test func `a route with a name makes URLs`() throws {
        let router = router()
        #expect(try router.url(for: "home") == "/")
        #expect(try router.url(for: "user", ["id": "7"]) == "/users/7")
        #expect(try router.url(for: "order", ["id": "-7"]) == "/orders/-7")
        #expect(try router.url(for: "two", ["b": "2", "a": "1"]) == "/caf%C3%A9/1/x/2")
        #expect(try router.url(for: "file", ["rest": "a b/c.txt"]) == "/files/a%20b/c.txt")
        #expect(try router.url(for: "file", ["rest": ""]) == "/files/")
        #expect(
            try router.url(for: "user", ["id": "7"], query: ["page": "2", "q": "a&b=c d", "": ""])
                == "/users/7?page=2&q=a%26b%3Dc%20d&="
        )
    }

    @Test(arguments: [
        "7", "a b", "a/b", "a?b#c", "ü", "😀", "%", "%2F", "a+b", "...", "a.b", "a;b=c", "{id}", "\"<>", "\\", "\r\n",
        "e\u{301}",
    ])
    func `the router finds the value in the URL that was made of it`(_ value: String) async throws {
        let router = router()
        let url = try router.url(for: "user", ["id": value])
        #expect(url.utf8.allSatisfy { (0x21...0x7E).contains($0) })
        #expect(try await TestExchange().send(.test(url), router.makeHandler()).text == value)
    }

    @Test(arguments: ["", "a", "a/b", "a/", "ü/%2F x/..."])
    func `the router finds the value of a wildcard, too`(_ value: String) async throws {
        let router = router()
        let url = try router.url(for: "file", ["rest": value])
        #expect(try await TestExchange().send(.test(url), router.makeHandler()).text == value)
    }

    @Test(arguments: [
        ("user", ["id": ""]), ("user", ["id": "."]), ("user", ["id": ".."]), ("user", ["id": "a\0"]),
        ("order", ["id": "x"]),
        ("order", ["id": "07"]), ("file", ["rest": "/a"]), ("file", ["rest": "a//b"]), ("file", ["rest": "a/../b"]),
        ("file", ["rest": "a\\b"]),
    ])
    func `a value that the route would not be reached by is refused`(_ name: String, _ parameters: [String: String]) {
        let error = #expect(throws: RouterError.self) { try router().url(for: name, parameters) }
        #expect(error?.code == .invalidParameter)
        #expect(error?.description.contains("\"\(parameters.keys.first ?? "")\"") == true)
    }

    @Test func `what is missing, too much or unknown is named`() {
        let missing = #expect(throws: RouterError.self) { try router().url(for: "two", ["a": "1"]) }
        #expect(missing?.code == .missingParameter)
        #expect(missing?.description.contains("\"b\"") == true)
        #expect(throws: RouterError.self) { try router().url(for: "file") }
        let unknown = #expect(throws: RouterError.self) { try router().url(for: "user", ["id": "7", "page": "2"]) }
        #expect(unknown?.code == .unknownParameter)
        #expect(unknown?.description.contains("\"page\"") == true)
        let name = #expect(throws: RouterError.self) { try router().url(for: "usr", ["id": "7"]) }
        #expect(name?.code == .unknownName)
        #expect(name?.description.contains("file, home, order, two, user") == true)
        #expect(throws: RouterError.self) { try Router().url(for: "user") }
    }

    @Test func `handlers and jobs make URLs of the application's routes`() async throws {
        var router = router()
        router.get("/links") { _, context in
            let job = try context.pool.submit { try RequestContext.require().url(for: "user", ["id": "8"]) }
            return .text(try await "\(context.url(for: "user", ["id": "7"])) \(job.value)")
        }
        let exchange = try TestExchange(links: router.makeLinks())
        #expect(await exchange.send(try .test("/links"), try router.makeHandler()).text == "/users/7 /users/8")
    }
}
