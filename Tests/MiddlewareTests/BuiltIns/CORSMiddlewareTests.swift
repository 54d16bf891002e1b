import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct CORSMiddlewareTests {
    private func answer(_ json: String, method: String = "GET", _ fields: String...) async throws -> Response {
        try await TestExchange()
            .send(.test(method: method, fields: fields), through: [CORSMiddleware(options: options(json))])
    }

    private let shop =
        #"{"origins": ["https://shop.example"], "methods": ["GET", "PUT"], "headers": ["X-Tenant"], "maxAge": "1h"}"#

    @Test func `a page of an allowed origin may read the answer`() async throws {
        let response = try await answer(shop, "Origin: https://shop.example")
        #expect(response.header("access-control-allow-origin") == "https://shop.example")
        #expect(response.header("vary") == "Origin")
        #expect(response.text == "ok")
    }

    @Test(arguments: [
        "https://shop.example.evil", "http://shop.example", "https://SHOP.example", "https://shop.example:444", "null",
        "",
    ])
    func `any other origin gets no permission`(_ origin: String) async throws {
        let response = try await answer(shop, "Origin: \(origin)")
        #expect(response.header("access-control-allow-origin") == nil)
        #expect(response.header("vary") == "Origin")
    }

    @Test func `a preflight is answered here`() async throws {
        let response = try await answer(
            shop,
            method: "OPTIONS",
            "Origin: https://shop.example",
            "Access-Control-Request-Method: PUT"
        )
        #expect(response.status == .noContent)
        #expect(response.header("access-control-allow-methods") == "GET, PUT")
        #expect(response.header("access-control-allow-headers") == "X-Tenant")
        #expect(response.header("access-control-max-age") == "3600")
    }

    @Test func `OPTIONS without Access-Control-Request-Method goes on`() async throws {
        #expect(try await answer(shop, method: "OPTIONS", "Origin: https://shop.example").text == "ok")
    }

    @Test func `every origin is allowed by a star, and then caches need not care`() async throws {
        let response = try await answer(#"{"origins": ["*"]}"#, "Origin: https://a.example")
        #expect(response.header("access-control-allow-origin") == "*")
        #expect(response.header("vary") == nil)
    }

    @Test func `cookies are allowed, and further fields can be read, where the options say so`() async throws {
        let json = #"{"origins": ["https://a.example"], "credentials": true, "exposedHeaders": ["X-Total"]}"#
        let response = try await answer(json, "Origin: https://a.example")
        #expect(response.header("access-control-allow-credentials") == "true")
        #expect(response.header("access-control-expose-headers") == "X-Total")
    }

    @Test func `errors can be read, too`() async throws {
        let response = try await TestExchange()
            .send(
                .test(fields: ["Origin: https://shop.example"]),
                through: [CORSMiddleware(options: options(shop))]
            ) { _, _ in throw HTTPError(.notFound) }
        #expect(response.header("access-control-allow-origin") == "https://shop.example")
    }

    @Test(arguments: [
        (#"{"origins": ["shop.example"]}"#, "origins"), (#"{"origins": ["https://shop.example/"]}"#, "origins"),
        (#"{"origins": ["https://Shop.example"]}"#, "origins"), (#"{"origins": ["https://*.example"]}"#, "origins"),
        (#"{"origins": ["*"], "credentials": true}"#, "credentials"),
        (#"{"origins": [], "methods": ["A B"]}"#, "methods"),
    ])
    func `what no browser would heed is refused at the start`(_ json: String, _ key: String) throws {
        let error = try #require(throws: OptionsError.self) { try CORSMiddleware(options: options(json)) }
        #expect(error.key == key)
    }
}
