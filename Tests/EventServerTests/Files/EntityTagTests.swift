import Testing

@testable import EventServer

@Suite("An entity tag")
struct EntityTagTests {
    private func tag(_ opaque: String, weak: Bool = false) throws -> EntityTag {
        try #require(EntityTag(opaque, isWeak: weak))
    }

    @Test("stands in quotes, a weak one behind W/")
    func text() throws {
        #expect(try tag("a").description == "\"a\"")
        #expect(try tag("", weak: true).description == "W/\"\"")
    }

    @Test("is not made of what cannot stand in a field", arguments: ["a\"b", "a b", "a\r\nb", "\0", "\u{7F}", "é"])
    func refused(opaque: String) { #expect(EntityTag(opaque) == nil) }

    @Test("matches as RFC 9110, section 8.8.3.2, has it in its table")
    func comparison() throws {
        let table = [
            (try tag("1", weak: true), try tag("1", weak: true), false, true),
            (try tag("1", weak: true), try tag("2", weak: true), false, false),
            (try tag("1", weak: true), try tag("1"), false, true),
            (try tag("1"), try tag("1"), true, true),
        ]
        for (left, right, strong, weak) in table {
            #expect(left.stronglyMatches(right) == strong)
            #expect(right.stronglyMatches(left) == strong)
            #expect(left.weaklyMatches(right) == weak)
        }
    }

    @Test(
        "is read from a field of one",
        arguments: [
            ("\"a\"", "\"a\""), ("W/\"a\"", "W/\"a\""), ("\"\"", "\"\""), ("\"a,b\"", "\"a,b\""), ("\"é\"", "\"é\""),
        ]
    )
    func single(value: String, expected: String) { #expect(EntityTag(parsing: value)?.description == expected) }

    @Test(
        "is not read from anything else",
        arguments: [
            "", "a", "\"", "\"a", "a\"", "w/\"a\"", "W\"a\"", "W/a", "W/", "W/\"", "\"a\"b", "\"a\" ", "\"a b\"", "'a'",
            "*",
            "\"a\", \"b\"", "Sun, 06 Nov 1994 08:49:37 GMT",
        ]
    )
    func notOne(value: String) { #expect(EntityTag(parsing: value) == nil) }

    @Test("stands in lists, over several fields, with empty elements")
    func lists() throws {
        let tags = [try tag("a"), try tag("b", weak: true), try tag("c,d")]
        #expect(EntityTagList(["\"a\", W/\"b\",\"c,d\""]) == .tags(tags))
        #expect(EntityTagList([" ,,\"a\" ,\t, W/\"b\"", "\"c,d\","]) == .tags(tags))
        #expect(EntityTagList(["*"]) == .any)
        #expect(EntityTagList([""]) == .tags([]))
    }

    @Test(
        "of a list with a mistake counts for nothing",
        arguments: ["\"a\", b", "\"a\" \"b\"", "\"a\", *", "\"a\", \"b", "**"]
    )
    func mistakes(value: String) {
        #expect(EntityTagList([value]) == .tags([]))
        #expect(EntityTagList(["\"a\"", value]) == .tags([]))
    }

    @Test("beside a star counts for nothing")
    func starAmongOthers() { #expect(EntityTagList(["*", "\"a\""]) == .tags([])) }

    @Test("list stands any bytes")
    func fuzz() {
        var generator = SystemRandomNumberGenerator()
        let pieces = ["\"", "W/", ",", " ", "a", "*", "\u{FFFD}"]
        var found = 0
        for _ in 0..<100_000 {
            let value = (0..<8).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            if case .tags(let tags) = EntityTagList([value]), !tags.isEmpty { found += 1 }
        }
        #expect(found > 0)
    }
}
