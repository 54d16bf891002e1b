import Middleware
import Testing

@Suite struct RoutePatternTests {
    @Test(arguments: [
        "/", "/users", "/users/", "/users/{id}", "/{a}/{b_2}/c", "//", "/a%20b", "/a:b@c", "/~x/-._!$&'()*+,;=",
        "/users/{id:int}", "/{id:uuid}/{n:int}", "/{rest...}", "/files/{a}/{rest...}", "/...", "/a%2Fb",
    ])
    func `a path with whole segments as parameters is valid`(_ text: String) throws {
        #expect(try RoutePattern(text).description == text)
    }

    @Test(arguments: [
        "", "users", "{id}", "/users/{id", "/users/id}", "/users/{}", "/users/x{id}", "/users/{id}x", "/users/{a}{b}",
        "/users/{a b}", "/users/{ä}", "/users/{{id}}", "/{id}/{id}", "/users/{id:Int}", "/users/{id:}", "/users/{:int}",
        "/users/{id:text}", "/users/{id:int:int}", "/{rest...}/a", "/{rest...}/", "/{...}", "/{a....}",
        "/{rest:int...}",
        "/x{rest...}", "/{a}/{a...}", "/{rest..}",
    ])
    func `anything else in braces is refused`(_ text: String) {
        let error = #expect(throws: RouterError.self) { try RoutePattern(text) }
        #expect(error?.code == .invalidPattern)
        #expect(error?.description.contains("\"\(text)\"") == true)
    }

    @Test(arguments: ["/search?q=1", "/a b", "/page#top", "/über", "/a\r\nb"])
    func `text that no path of a request can have is refused, since it would never match`(_ text: String) {
        let error = #expect(throws: RouterError.self) { try RoutePattern(text) }
        #expect(error?.code == .invalidPattern)
    }

    @Test(arguments: ["/a/../b", "/.", "/a/%2E%2e", "/%", "/a%zz", "/%ff", "/%61dmin", "/a%7Eb", "/x/%37"])
    func `text in a spelling by which nothing is reached is refused`(_ text: String) {
        let error = #expect(throws: RouterError.self) { try RoutePattern(text) }
        #expect(error?.code == .invalidPattern)
    }
}
