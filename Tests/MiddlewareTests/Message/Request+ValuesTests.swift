import EventServer
import Middleware
import TestSupport
import Testing

@Suite struct RequestValuesTests {
    @Test(arguments: [
        ("/?a=1", "1"), ("/?a=1&a=2", "1"), ("/?b=2&a=1", "1"), ("/?a", ""), ("/?a=", ""), ("/?a=x=y", "x=y"),
        ("/?a=b+c%26", "b c&"), ("/?%61=1", "1"), ("/?&&a=1", "1"), ("/?=9&a=1", "1"), ("/?a=%C3%A9", "é"),
        ("/?a=?", "?"),
    ])
    func `a value of the query is decoded`(_ target: String, _ value: String) throws {
        #expect(try Request.test(target).queryValue("a") == value)
    }

    @Test(arguments: ["/", "/?", "/?b=1", "/?A=1", "/?ab=1", "/?a=%", "/?a=%ff", "/?b=a"])
    func `a value that is not there, or is broken, is nothing`(_ target: String) throws {
        #expect(try Request.test(target).queryValue("a") == nil)
    }

    @Test func `names are compared decoded`() throws {
        #expect(try Request.test("/?first+name=A%20B").queryValue("first name") == "A B")
    }

    @Test(arguments: [
        ("a=1", "1"), ("b=2; a=1", "1"), ("b=2;a=1", "1"), ("a=1; a=2", "1"), ("a=\"x y\"", "x y"), ("a=\"", "\""),
        ("a=", ""),
        ("a=x=y", "x=y"), ("a=1 ; b=2", "1"), ("b=2;\ta=1", "1"), (" a = 1", nil), ("aa=1; ab=2", nil), ("A=1", nil),
        ("a", nil), ("", nil),
        ("; ;", nil),
    ])
    func `a cookie is found by its name`(_ field: String, _ value: String?) throws {
        #expect(try Request.test(fields: ["Cookie: \(field)"]).cookie("a") == value)
    }

    @Test func `cookies may come in several fields`() throws {
        #expect(try Request.test(fields: ["Cookie: b=2", "Cookie: a=1"]).cookie("a") == "1")
        #expect(try Request.test().cookie("a") == nil)
    }
}
