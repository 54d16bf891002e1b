import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct TrailingSlashTests {
    private func answer(_ line: String, _ policy: TrailingSlash, _ patterns: [String]) async throws -> Response {
        var router = Router()
        router.trailingSlash = policy
        for pattern in patterns {
            router.get(pattern) { _, _ in .text(pattern) }
        }
        let parts = line.split(separator: " ").map(String.init)
        return try await TestExchange().send(.test(parts[1], method: parts[0]), router.makeHandler())
    }

    @Test(arguments: ["GET /a/", "GET /b", "GET /a/7/", "GET /f"])
    func `a slash more or less is another path, where nothing else is said`(_ line: String) async throws {
        #expect(try await answer(line, .strict, ["/a", "/b/", "/a/{x}", "/f/{x...}"]).status == .notFound)
    }

    @Test(arguments: [
        ("GET /a/", "/a"), ("GET /b", "/b/"), ("GET /a/7/?q=/1&r", "/a/7?q=/1&r"), ("GET /f", "/f/"),
        ("HEAD /b", "/b/"),
        ("POST /b", "/b/"), ("GET /a/%C3%A9/", "/a/%C3%A9"), ("GET /b?", "/b/?"),
    ])
    func `a redirect keeps method, encoding and query`(_ line: String, _ location: String) async throws {
        let response = try await answer(line, .redirect, ["/a", "/b/", "/a/{x}", "/f/{x...}"])
        #expect(response.status == .permanentRedirect)
        #expect(response.headers[.location] == location)
    }

    @Test(arguments: ["/c/", "/a//", "//", "//a", "/a/../", "/%61/", "/b/%2e%2e", "//evil.example", "/\\evil.example"])
    func `no redirect leads to nowhere, or to another site`(_ path: String) async throws {
        // The last two would find these, and a browser takes what comes out for a host.
        let response = try await answer(
            "GET \(path)",
            .redirect,
            ["/a", "/b/{x}/", "//{x}/", "/{x}/{y:uuid}/", "/{x}/"]
        )
        #expect(response.status == (path == "/c/" ? .ok : .notFound))
    }

    @Test(arguments: [
        ("GET /a/", "/a"), ("GET /b", "/b/"), ("GET /a/7/", "/a/{x} 7"), ("GET /f", "/f/{x...} "), ("GET /a", "/a"),
    ])
    func `where it is ignored, the route answers both`(_ line: String, _ expected: String) async throws {
        var router = Router()
        router.trailingSlash = .ignore
        for pattern in ["/a", "/b/", "/a/{x}", "/f/{x...}"] {
            router.get(pattern) { _, context in .text(pattern + (context.parameters["x"].map { " \($0)" } ?? "")) }
        }
        let path = String(line.split(separator: " ")[1])
        #expect(try await TestExchange().send(.test(path), router.makeHandler()).text == expected)
    }

    @Test func `where it is ignored, the methods of both are one`() async throws {
        var router = Router()
        router.trailingSlash = .ignore
        router.get("/a") { _, _ in .text("get") }
        router.post("/a/") { _, _ in .text("post") }
        let handler = try router.makeHandler()
        let exchange = try TestExchange()
        #expect(await exchange.send(try .test("/a", method: "POST"), handler).text == "post")
        #expect(await exchange.send(try .test("/a/"), handler).text == "get")
        #expect(
            await exchange.send(try .test("/a/", method: "PUT"), handler).headers[.allow] == "POST, GET, HEAD, OPTIONS"
        )
        #expect(await exchange.send(try .test("/a//"), handler).status == .notFound)
    }
}
