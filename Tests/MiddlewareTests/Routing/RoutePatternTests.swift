import Middleware
import Testing

@Suite struct RoutePatternTests {
    @Test(arguments: [
        "/", "/users", "/users/", "/users/{id}", "/{a}/{b_2}/c", "//", "/a%20b", "/a:b@c", "/~x/-._!$&'()*+,;=",
    ])
    func `a path with whole segments as parameters is valid`(_ text: String) throws {
        #expect(try RoutePattern(text).description == text)
    }

    @Test(arguments: [
        "", "users", "{id}", "/users/{id", "/users/id}", "/users/{}", "/users/x{id}", "/users/{id}x", "/users/{a}{b}",
        "/users/{a b}", "/users/{ä}", "/users/{{id}}", "/{id}/{id}", "/users/{id:int}",
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
}
