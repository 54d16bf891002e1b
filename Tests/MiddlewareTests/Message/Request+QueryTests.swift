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
        #expect(try Request.test(target).query(Page.self) == page)
    }

    @Test(
        arguments: [
            ("/?number=x", .invalidValue, "number"), ("/?number=1&number=2", .invalidValue, "number"),
            ("/?number=%", .malformed, nil), ("/?a=1&b=2&c=3&d=4", .tooMany, nil),
        ] as [(String, ContentError.Code, String?)]
    )
    func `a mistake names its parameter`(_ target: String, _ code: ContentError.Code, _ field: String?) {
        let error = #expect(throws: ContentError.self) { try Request.test(target).query(Page.self, countLimit: 3) }
        #expect(error?.code == code)
        #expect(error?.field == field)
        #expect(error?.makeResponse().status == .badRequest)
    }

    @Test func `the query as a text is still there`() throws {
        let text: String? = try Request.test("/?number=2").query
        #expect(text == "number=2")
    }
}
