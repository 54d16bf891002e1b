import EventServer
import HTTPTypes
import TestSupport
import Testing

@testable import Middleware

@Suite struct FormFieldsTests {
    private static let type = "application/x-www-form-urlencoded"

    private func fields(_ text: String, countLimit: Int = 1000) throws -> FormFields {
        try FormFields(encoded: text[...].utf8, source: .body, countLimit: countLimit)
    }

    @Test func `fields come decoded, in their order, repeated ones too`() throws {
        let form = try fields("a=1&b=x+y%26&&a=2&c&d=&=e&f=g=h&%C3%A9=\u{E9}&u%5Bn%5D=1")
        #expect(form.map(\.name) == ["a", "b", "a", "c", "d", "", "f", "é", "u[n]"])
        #expect(form.map(\.value) == ["1", "x y&", "2", "", "", "e", "g=h", "é", "1"])
        #expect(form["a"] == "1")
        #expect(form[all: "a"] == ["1", "2"])
        #expect(form["z"] == nil)
        #expect(try fields("").isEmpty)
    }

    @Test func `a separator before a combining accent is one`() throws {
        #expect(try fields("a=1&\u{301}b=\u{301}2").map(\.name) == ["a", "\u{301}b"])
    }

    @Test(arguments: ["a=%", "a=%2", "a=%zz", "%ff=1", "a=%C3"])
    func `a broken encoding is refused`(_ text: String) throws {
        let error = #expect(throws: ContentError.self) { try fields("ok=1&" + text) }
        #expect(error?.code == .malformed)
        #expect(error?.description.contains("Field 2") == true)
    }

    @Test func `more fields than allowed are refused`() throws {
        #expect(try fields("a&b&c", countLimit: 3).count == 3)
        #expect(throws: ContentError.tooManyFields(limit: 2, of: .body)) { try fields("a&b&c", countLimit: 2) }
        let many = Array(repeating: "a=1", count: 1001).joined(separator: "&")
        let error = #expect(throws: ContentError.self) { try Request.test("/?\(many)").query.fields() }
        #expect(error?.makeResponse().status == .badRequest)
    }

    struct Order: Decodable, Equatable {
        enum Color: String, Decodable { case red, blue }
        var name: String
        var count: Int
        var price: Double
        var gift: Bool
        var tags: [String]
        var color: Color
        var note: String?
        var age: UInt8?
        var last: Int?
    }

    @Test func `a flat type is decoded`() async throws {
        let text = "name=A+B&count=-3&price=1.5e1&gift=on&tags=x&tags=y&color=blue&age=&note=&unknown=1"
        let order = try await Request.post(text, type: Self.type + "; charset=utf-8").form(Order.self)
        let expected = Order(
            name: "A B",
            count: -3,
            price: 15,
            gift: true,
            tags: ["x", "y"],
            color: .blue,
            note: "",
            age: nil,
            last: nil
        )
        #expect(order == expected)
        let bare = try fields("name=a&count=1&price=1&color=red").decode(Order.self)
        #expect(!bare.gift && bare.tags.isEmpty)
    }

    @Test(arguments: [
        ("count=1", "name"), ("name=a&count=x", "count"), ("name=a&count=9223372036854775808", "count"),
        ("name=a&count=1&price=nan", "price"), ("name=a&count=1&price=0x1", "price"),
        ("name=a&count=1&price=1e999", "price"),
        ("name=a&count=1&price=1&gift=maybe", "gift"), ("name=a&name=b", "name"), ("name=a&count=", "count"),
        ("name=a&count=1&price=1&color=green", "color"), ("name=a&count=1&price=1&color=red&age=256", "age"),
    ])
    func `a mistake names the field and no type`(_ text: String, _ field: String) throws {
        let error = #expect(throws: ContentError.self) { try fields(text).decode(Order.self) }
        #expect(error?.field == field)
        let response = try #require(error?.makeResponse())
        #expect(response.status == .unprocessableContent)
        #expect(response.text.contains("\"\(field)\""))
        #expect(!response.text.contains("Order") && !response.text.contains("Color") && !response.text.contains("Int"))
    }

    @Test func `a type that no form can fill is not the client's mistake`() throws {
        struct Nested: Decodable { var order: Order }
        #expect(throws: UnsuitableFormType.self) { try fields("order=1").decode(Nested.self) }
        #expect(throws: UnsuitableFormType.self) { try fields("order=1").decode([String].self) }
    }

    @Test func `a map takes every field`() throws {
        let text = (0..<1000).map { "k\($0)=\($0)" }.joined(separator: "&")
        #expect(try fields(text).decode([String: Int].self).count == 1000)
    }

    @Test(arguments: [nil, "text/plain", "application/json", "multipart/form-data; boundary=x", "broken; a"])
    func `another type is refused`(_ type: String?) async throws {
        let error = await #expect(throws: ContentError.self) { _ = try await Request.post("a=1", type: type).form() }
        #expect(error?.makeResponse().status == .unsupportedMediaType)
        #expect(error?.makeResponse().header("Accept") == Self.type)
    }

    @Test func `a body over the limit or not in UTF-8 is refused`() async throws {
        let large = await #expect(throws: RequestBodyError.self) {
            _ = try await Request.post("a=12345", type: Self.type).form(upTo: 6)
        }
        #expect(large?.code == .tooLarge)
        let broken = await #expect(throws: ContentError.self) {
            _ = try await Request.post([0x61, 0xFF], type: Self.type).form()
        }
        #expect(broken?.code == .malformed)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `nothing a client sends traps`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<3000 {
            let bytes = random.mutant(
                of: "name=A+B&count=-3&price=1.5e1&gift=on&tags=x&tags=%C3%A9&color=blue",
                with: ["%", "&", "=", "%00", "%F0%9F", "count=", "+", "\u{301}", "9999999999999999999999"]
            )
            let text = String(decoding: bytes, as: UTF8.self)
            guard let form = try? fields(text, countLimit: 9) else { continue }
            #expect(form.count <= 9)
            _ = try? form.decode(Order.self)
        }
    }
}
