import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct RequestQueryTests {
    struct Page: Decodable, Equatable {
        var number: Int?
        var topics: [String]
    }

    @Test(arguments: [
        ("/?number=2&topics=a&topics=b%20c&other=x", Page(number: 2, topics: ["a", "b c"])), ("/", Page(topics: [])),
        ("/?", Page(topics: [])), ("/?number=", Page(topics: [])), ("/?topics=a+b", Page(topics: ["a b"])),
    ])
    func `a query is decoded into a type`(_ target: String, _ page: Page) throws {
        #expect(try Request.test(target).query.decode(Page.self) == page)
    }

    @Test(
        arguments: [
            ("/?number=x", .invalidValue, "number"), ("/?number=1&number=2", .invalidValue, "number"),
            ("/?number=%", .malformed, nil), ("/?a=1&b=2&c=3&d=4", .tooMany, nil),
        ] as [(String, ContentError.Code, String?)]
    )
    func `a mistake names its parameter`(_ target: String, _ code: ContentError.Code, _ field: String?) {
        let error = #expect(throws: ContentError.self) {
            try Request.test(target).query.decode(Page.self, countLimit: 3)
        }
        #expect(error?.code == code)
        #expect(error?.field == field)
        #expect(error?.makeResponse().status == .badRequest)
    }

    @Test func `the query as a text is still there`() throws {
        #expect(try Request.test("/?number=%32").queryString == "number=%32")
        #expect(try Request.test("/").queryString == nil)
    }

    @Test func `all parameters come in their order`() throws {
        let fields = try Request.test("/?b=1&a=x%20y&b=2").query.fields()
        #expect(fields.map(\.name) == ["b", "a", "b"])
        #expect(fields[all: "b"] == ["1", "2"])
        #expect(try Request.test("/").query.fields().isEmpty)
    }

    @Test(arguments: [
        ("/?a=1", "1"), ("/?a=1&a=2", "1"), ("/?b=2&a=1", "1"), ("/?a", ""), ("/?a=", ""), ("/?a=x=y", "x=y"),
        ("/?a=b+c%26", "b c&"), ("/?%61=1", "1"), ("/?&&a=1", "1"), ("/?=9&a=1", "1"), ("/?a=%C3%A9", "é"),
        ("/?a=?", "?"),
    ])
    func `a single value is decoded`(_ target: String, _ value: String) throws {
        #expect(try Request.test(target).query["a"] == value)
    }

    @Test(arguments: ["/", "/?", "/?b=1", "/?A=1", "/?ab=1", "/?a=%", "/?a=%ff", "/?b=a"])
    func `a value that is not there, or is broken, is nothing`(_ target: String) throws {
        #expect(try Request.test(target).query["a"] == nil)
    }

    @Test func `names are compared decoded`() throws {
        #expect(try Request.test("/?first+name=A%20B").query["first name"] == "A B")
    }
}
