import Baton
import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct BodyLimitMiddlewareTests {
    private func answer(_ bytes: Int, fields: [String] = []) async throws -> Response {
        let request = try Request.test(method: "POST", fields: fields, body: Array(repeating: 97, count: bytes))
        return try await TestExchange()
            .send(request, through: [BodyLimitMiddleware(options: options(#"{"limit": "10"}"#))]) { request, _ in
                .text("\(try await request.body.collect().count)")
            }
    }

    @Test func `a body up to the limit arrives`() async throws {
        #expect(try await answer(10).text == "10")
    }

    @Test func `a body beyond the limit ends in 413, though it does not say how long it is`() async throws {
        #expect(try await answer(11, fields: ["Transfer-Encoding: chunked"]).status == .contentTooLarge)
    }

    @Test func `an announced body beyond the limit is refused before anybody reads it`() async throws {
        let request = try Request.test(
            method: "POST",
            fields: ["Content-Length: 11"],
            body: Array(repeating: 97, count: 11)
        )
        let read = Journal()
        let response = try await TestExchange()
            .send(
                request,
                through: [BodyLimitMiddleware(options: options(#"{"limit": "10"}"#))]
            ) { _, _ in
                read.note("handler")
                return .text("ok")
            }
        #expect(response.status == .contentTooLarge)
        #expect(read.entries.isEmpty)
    }

    @Test(arguments: ["{}", #"{"limit": "0"}"#, #"{"limit": "ten"}"#, #"{"limit": null}"#])
    func `options without a limit are refused`(_ json: String) {
        #expect(throws: ConfigurationError.self) { try options(json, as: BodyLimitMiddleware.Options.self) }
    }
}
