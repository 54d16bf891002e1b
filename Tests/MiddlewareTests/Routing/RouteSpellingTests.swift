import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

/// A guarded route stands beside one that is open and would answer for the same paths.
@Suite struct RouteSpellingTests {
    private static let guarded = ClosureMiddleware { _, _, _ in throw HTTPError(.forbidden) }

    private func status(_ path: String, guarded pattern: String, open: String) async throws -> Int {
        var router = Router()
        router.get(open) { _, _ in .text("open") }
        router.get(pattern, middleware: [Self.guarded]) { _, _ in .text("guarded") }
        return try await TestExchange().send(.test(path), router.makeHandler()).status.code
    }

    @Test(arguments: [
        ("/users/admin", "/users/{id}", "/users/admin"), ("/users/admin", "/users/{id}", "/users/%61dmin"),
        ("/users/admin", "/users/{id}", "/users/a%64min"), ("/users/admin", "/{rest...}", "/users/%61dmin"),
        ("/users/admin", "/{rest...}", "/%75sers/admin"), ("/users/admin", "/{rest...}", "/%75sers/%61dmin"),
        ("/users/admin", "/{rest...}", "/users%2Fadmin"), ("/users/admin", "/{rest...}", "//users/admin"),
        ("/users/admin", "/{rest...}", "/x/../users/admin"), ("/users/admin", "/{rest...}", "/users/./admin"),
        ("/users/admin", "/{rest...}", "/users//admin"), ("/users/admin", "/{rest...}", "/x/%2e%2e/users/admin"),
        ("/users/admin", "/{rest...}", "/users%5cadmin"), ("/users/admin", "/{rest...}", "/users\\admin"),
        ("/files/a/private/{rest...}", "/files/{rest...}", "/files/a/%70rivate/x"),
        ("/files/a/private/{rest...}", "/files/{rest...}", "/files/%61/private/x"),
        ("/files/a/private/{rest...}", "/files/{rest...}", "/files/a/private%2Fx"),
        ("/files/{a}/private/{rest...}", "/files/{rest...}", "/files/x/%70rivate/x"),
        ("/users/{id:int}", "/users/{name}", "/users/7"), ("/users/{id:int}", "/users/{name}", "/users/%37"),
        ("/users/{id:int}/x", "/users/{rest...}", "/users/%37/x"), ("/at/a@b", "/at/{name}", "/at/a%40b"),
        ("/at/a%40b", "/at/{name}", "/at/a@b"), ("/at/%C3%A9", "/at/{name}", "/at/%c3%a9"),
    ])
    func `no spelling of a guarded path reaches the open route`(_ guarded: String, _ open: String, _ path: String)
        async throws
    {
        let status = try await status(path, guarded: guarded, open: open)
        #expect([403, 404].contains(status))
    }

    @Test(arguments: [
        ("/users/%62ob", 200), ("/users/bob", 200), ("/users/ADMIN", 200), ("/users/admin2", 200),
        ("/users/%2561dmin", 200),
    ])
    func `what is another value reaches it`(_ path: String, _ expected: Int) async throws {
        #expect(try await status(path, guarded: "/users/admin", open: "/users/{id}") == expected)
    }

    @Test func `a guarded route of one host is not evaded by a spelling that other hosts would answer`() async throws {
        var router = Router()
        router.get("/{rest...}") { _, _ in .text("open") }
        router.group(host: "test", middleware: [Self.guarded]) {
            $0.get("/admin/{rest...}") { _, _ in .text("guarded") }
        }
        let handler = try router.makeHandler()
        let exchange = try TestExchange()
        #expect(await exchange.send(try .test("/admin/x"), handler).status == .forbidden)
        #expect(await exchange.send(try .test("/%61dmin/x"), handler).status == .notFound)
        #expect(await exchange.send(try .test("/other"), handler).text == "open")
    }

    @Test func `an encoded path learns nothing of the methods`() async throws {
        var router = Router()
        router.get("/{name}") { _, _ in .text("") }
        router.post("/admin") { _, _ in .text("") }
        let response = try await TestExchange().send(.test("/%61dmin", method: "DELETE"), router.makeHandler())
        #expect(response.status == .notFound)
        #expect(response.headers[.allow] == nil)
    }
}
