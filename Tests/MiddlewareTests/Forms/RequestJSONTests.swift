import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct RequestJSONTests {
    struct Cart: Decodable, Equatable {
        struct Item: Decodable, Equatable { var price: Double }
        enum Kind: String, Decodable { case big, small }
        var name: String
        var items: [Item]
        var kind: Kind?
    }

    struct Tree: Decodable { var child: [Tree] }

    @Test(arguments: [
        "application/json", "APPLICATION/JSON", "application/json; charset=UTF-8", "application/problem+json",
        "application/json;charset=\"utf-8\"",
    ])
    func `json is decoded`(_ type: String) async throws {
        let request = try Request.post(#"{"name":"a","items":[{"price":1}]}"#, type: type)
        #expect(try await request.json(Cart.self) == Cart(name: "a", items: [.init(price: 1)]))
    }

    @Test(arguments: [
        nil, "", "text/plain", "text/json", "+json", "application/jsonx", "application/json; charset=utf-16",
        "application/json, text/plain", "application/json; a",
    ])
    func `another type, and none, is refused`(_ type: String?) async throws {
        let error = await #expect(throws: ContentError.self) {
            _ = try await Request.post("{}", type: type).json(Cart.self)
        }
        #expect(error?.makeResponse().status == .unsupportedMediaType)
    }

    @Test(arguments: [
        (#"{"items":[]}"#, "name", "is missing"),
        (#"{"name":1,"items":[]}"#, "name", "must be a text"),
        (#"{"name":"a","items":{}}"#, "items", "must be a list"),
        (#"{"name":"a","items":[{"price":1},{"price":"x"}]}"#, "items[1].price", "must be a number"),
        (#"{"name":"a","items":[1]}"#, "items[0]", "must be an object"),
        (#"{"name":null,"items":[]}"#, "name", "must not be null"),
        (#"{"name":"a","items":[],"kind":"none"}"#, "kind", "has a value that is not allowed"),
    ])
    func `a mistake names the path and no type`(_ json: String, _ path: String, _ problem: String) async throws {
        let error = await #expect(throws: ContentError.self) {
            _ = try await Request.post(json, type: "application/json").json(Cart.self)
        }
        #expect(error?.field == path)
        let response = try #require(error?.makeResponse())
        #expect(response.status == .unprocessableContent)
        #expect(response.text.contains(problem))
        #expect(!response.text.contains("Cart") && !response.text.contains("Kind") && !response.text.contains("Swift"))
    }

    @Test(arguments: ["", "{", "{]", "\u{0}", "nul", "[1,2", "{\"name\":\"\\ud800\"}"])
    func `what is not JSON is malformed`(_ json: String) async throws {
        let error = await #expect(throws: ContentError.self) {
            _ = try await Request.post(json, type: "application/json").json(Cart.self)
        }
        #expect(error?.makeResponse().status == .badRequest)
    }

    @Test func `the wrong kind of document is invalid as a whole`() async throws {
        let error = await #expect(throws: ContentError.self) {
            _ = try await Request.post("[]", type: "application/json").json(Cart.self)
        }
        #expect(error?.code == .invalidValue)
        #expect(error?.field == nil)
    }

    @Test(arguments: ["[", #"{"child":["#, #"{"a":"#])
    func `deep nesting is refused and crashes nothing`(_ piece: String) async throws {
        for count in [600, 100_000] {
            let body = String(repeating: piece, count: count)
            let error = await #expect(throws: ContentError.self) {
                _ = try await Request.post(body, type: "application/json").json(Tree.self)
            }
            #expect(error?.makeResponse().status == .badRequest)
        }
    }

    @Test func `a body over the limit is refused`() async throws {
        let error = await #expect(throws: RequestBodyError.self) {
            _ = try await Request.post("[1,2,3]", type: "application/json").json([Int].self, upTo: 6)
        }
        #expect(error?.code == .tooLarge)
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `nothing a client sends traps`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1500 {
            let bytes = random.mutant(
                of: #"{"name":"aé\u00e9","items":[{"price":1.5e3},{"price":-0}],"kind":"big"}"#,
                with: ["[", "{", "\"", "\\u", "\\ud83d", "1e999", "-", "null", "\u{0}", ",", "99999999999999999999"]
            )
            do {
                _ = try await Request.post(bytes, type: "application/json").json(Cart.self)
            } catch {
                #expect(error is ContentError, "\(error)")
            }
        }
    }
}
