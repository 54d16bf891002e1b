import Testing

@testable import Middleware

@Suite struct PathRulesTests {
    @Test(arguments: [
        ("/a", true), ("/a/", false), ("/b/", true), ("/b/c", true), ("/b", false), ("/cde", true), ("/", false),
    ])
    func `a rule is one path, or with a star all that begin so`(_ path: String, _ isNamed: Bool) throws {
        #expect(try PathRules(["/a", "/b/*", "/c*"], key: "paths").contains(path) == isNamed)
    }

    // By characters, a slash before a combining accent would be none.
    @Test(arguments: ["/b/..%2F%CC%81", "/b/x%2F..%2F%CC%81x", "/b/..%5C%CC%81", "/b/..%2F%EF%B8%8F"])
    func `a path that leads upwards is below nothing`(_ path: String) throws {
        #expect(try !PathRules(["/b/*"], key: "paths").contains(path))
    }

    @Test(arguments: ["/", "/a", "/a//b", "/%"])
    func `a star behind the first slash stands for everything`(_ path: String) throws {
        #expect(try PathRules(["/*"], key: "paths").contains(path) == (path != "/%"))
    }

    @Test(arguments: ["", "a", "*", "/a*b", "/**", "/a b", "/ä", "/a?b", "/a#b", "/a\n", "http://a/"])
    func `a rule that no path of a request fits is refused`(_ rule: String) {
        let error = #expect(throws: OptionsError.self) { try PathRules([rule], key: "paths") }
        #expect(error?.key == "paths.0")
    }
}
