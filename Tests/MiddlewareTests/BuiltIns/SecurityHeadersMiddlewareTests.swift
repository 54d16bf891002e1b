import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct SecurityHeadersMiddlewareTests {
    private func answer(
        _ json: String = "{}",
        _ handler: @escaping Handler = { _, _ in .text("ok") }
    ) async throws -> Response {
        try await TestExchange().send(.test(), through: [SecurityHeadersMiddleware(options: options(json))], handler)
    }

    @Test func `without options the fields are those that protect`() async throws {
        let response = try await answer()
        #expect(response.header("x-content-type-options") == "nosniff")
        #expect(response.header("content-security-policy")?.hasPrefix("default-src 'self'") == true)
        #expect(response.header("x-frame-options") == "DENY")
        #expect(response.header("referrer-policy") == "strict-origin-when-cross-origin")
        #expect(response.header("cross-origin-opener-policy") == "same-origin")
        #expect(response.header("cross-origin-resource-policy") == "same-origin")
        #expect(response.header("permissions-policy") == nil)
    }

    @Test func `without https there is no Strict-Transport-Security`() async throws {
        #expect(try await answer().header("strict-transport-security") == nil)
    }

    @Test func `errors have them, too`() async throws {
        let response = try await answer { _, _ in throw HTTPError(.notFound) }
        #expect(response.status == .notFound)
        #expect(response.header("x-content-type-options") == "nosniff")
    }

    @Test func `what a handler says itself stays`() async throws {
        let response = try await answer { _, _ in
            Response(status: .ok, headers: [.contentSecurityPolicy: "default-src *"])
        }
        #expect(response.headers[values: .contentSecurityPolicy] == ["default-src *"])
    }

    @Test func `an option takes the place of a default, and an empty one leaves the field out`() async throws {
        let response = try await answer(#"{"frameOptions": "SAMEORIGIN", "contentSecurityPolicy": ""}"#)
        #expect(response.header("x-frame-options") == "SAMEORIGIN")
        #expect(response.header("content-security-policy") == nil)
    }

    @Test(arguments: ["a\\nb", "a\\u0000", " a", "a\\r\\nSet-Cookie: x=y"])
    func `a text that is no value of a field is refused at the start`(_ text: String) throws {
        let error = try #require(throws: OptionsError.self) {
            try SecurityHeadersMiddleware(options: options("{\"referrerPolicy\": \"\(text)\"}"))
        }
        #expect(error.key == "referrerPolicy")
    }
}
