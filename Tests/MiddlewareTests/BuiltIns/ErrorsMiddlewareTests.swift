import ContextPool
import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct ErrorsMiddlewareTests {
    private struct Secret: Error { let text = "password" }

    private func answer(accept: String? = nil, _ handler: @escaping Handler) async throws -> Response {
        let request = try Request.test(fields: accept.map { ["Accept: \($0)"] } ?? [])
        return try await TestExchange().send(request, through: [ErrorsMiddleware(options: NoOptions())], handler)
    }

    @Test func `a program gets a problem description`() async throws {
        let response = try await answer { _, _ in throw HTTPError(.notFound, "There is no user \"7\".") }
        #expect(response.status == .notFound)
        #expect(response.header("content-type") == "application/problem+json")
        for member in [#""title":"Not Found""#, #""status":404"#, #""detail":"There is no user \"7\".""#] {
            #expect(response.text.contains(member), "\(response.text)")
        }
    }

    @Test(arguments: [
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html, application/json;q=0.9",
        "text/*",
    ])
    func `a browser gets a page, in which a client's words are words`(_ accept: String) async throws {
        let response = try await answer(accept: accept) { _, _ in throw HTTPError(.badRequest, "<script>'&\"") }
        #expect(response.header("content-type") == "text/html; charset=utf-8")
        #expect(response.text.contains("<p>&lt;script&gt;&#39;&amp;&quot;</p>"))
        #expect(response.text.contains("<h1>400 Bad Request</h1>"))
        #expect(!response.text.contains("<script>"))
        // By characters, a bracket before a combining stroke would be none.
        let struck = try await answer(accept: accept) { _, _ in throw HTTPError(.badRequest, "<\u{338}b&\u{301}") }
        #expect(struck.text.utf8.contains("&lt;\u{338}b&amp;\u{301}".utf8))
    }

    @Test(arguments: [
        "*/*", "application/json", "application/problem+json, text/html;q=0.9", "image/png", ";;;", "text/html;q=0",
    ])
    func `everybody else gets the description`(_ accept: String) async throws {
        let response = try await answer(accept: accept) { _, _ in throw HTTPError(.conflict) }
        #expect(response.header("content-type") == "application/problem+json")
        #expect(!response.text.contains("detail"))
    }

    @Test(arguments: ["text/html", "*/*"])
    func `nothing internal is shown`(_ accept: String) async throws {
        let response = try await answer(accept: accept) { _, _ in throw Secret() }
        #expect(response.status == .internalServerError)
        #expect(!response.text.contains("password"))
        #expect(!response.text.contains("Secret"))
    }

    @Test(arguments: [
        ([] as [String], "Accept"), (["Origin"], "Origin, Accept"), (["Origin, accept"], "Origin, accept"),
        (["Cookie", "Origin"], "Cookie, Origin, Accept"), (["*"], "*"),
    ])
    func `what an error's answer depends on stays beside how it is told`(_ fields: [String], _ vary: String)
        async throws
    {
        let response = try await answer { _, _ in
            var error = HTTPError(.forbidden)
            for field in fields { error.headers.append(name: .vary, value: field) }
            throw error
        }
        #expect(response.headers[.vary] == vary)
    }

    @Test func `the fields of an error stay`() async throws {
        let response = try await answer { _, _ in throw HTTPError(.tooManyRequests, headers: [.retryAfter: "7"]) }
        #expect(response.header("retry-after") == "7")
    }

    @Test func `what a handler answers itself stays as it is`() async throws {
        let response = try await answer { _, _ in .text("mine", status: .notFound) }
        #expect(response.text == "mine")
    }

    @Test func `the request's id is told, to be named in a question`() async throws {
        let name = ClosureMiddleware { request, context, next in
            context.updateValues { $0.requestID = "abc" }
            return try await next(request, in: context)
        }
        let response = try await TestExchange()
            .send(.test(), through: [name, ErrorsMiddleware(options: NoOptions())]) { _, _ in throw HTTPError(.gone) }
        #expect(response.text.contains(#""requestId":"abc""#))
    }
}
