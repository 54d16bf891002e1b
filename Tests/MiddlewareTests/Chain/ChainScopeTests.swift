import Middleware
import Testing

@Suite struct ChainScopeTests {
    @Test(arguments: [
        "/api", "/api/", "/api/users", "/api//users", "//api", "/%61pi/x", "/api%2Fusers", "/x/../api",
        "/x/%2e%2e/api/y",
        "/./api", "/api/../other", "\\api", "/api\\x", "/%zz", "/%ff",
        "/api/.hidden", "/api/a.css", "/.//api", "/api%2F%CC%81x", "/api%5C%CC%81x", "/x/..%2Fapi%2F%CC%81",
    ])
    func `below a path is the path itself, and all that anybody can take for it`(_ path: String) throws {
        #expect(try ChainScope("below /api").contains(path))
    }

    @Test(arguments: ["/", "/apis", "/ap", "/API", "/x/api", "/api.json", "/x/./api", "*", ""])
    func `below a path is nothing else`(_ path: String) throws {
        #expect(try !ChainScope("below /api").contains(path))
    }

    @Test func `below the root is everything`() throws {
        for path in ["/", "/a", "//", "*", "/%zz"] { #expect(try ChainScope("below /").contains(path)) }
    }

    @Test func `exactly a path is that path in all its spellings, and not what is below it`() throws {
        let scope = try ChainScope("exactly /login")
        for path in ["/login", "/login/", "//login", "/l%6Fgin", "/x/../login"] { #expect(scope.contains(path)) }
        for path in ["/login/x", "/logins", "/", "/LOGIN"] { #expect(!scope.contains(path)) }
    }

    @Test func `a route is not told by a path`() throws {
        #expect(try !ChainScope("route /users/{id}").contains("/users/{id}"))
        #expect(try ChainScope("route /users/{id}").description == "route /users/{id}")
    }

    @Test(arguments: [
        "", "below", "/api", "under /api", "below api", "below /api /b", "below /api/*", "exactly /a?b", "Below /api",
        "below /a#b", "route users",
    ])
    func `other words are refused`(_ words: String) {
        #expect(throws: ChainScope.Mistake.self) { try ChainScope(words) }
    }
}
