import Baton
import ContextPool
import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct GMiddlewareTests {
    /// What `g` is for a request, as `name=value`, in alphabetical order.
    private func values(_ json: String, target: String = "/", fields: [String] = [], user: AuthenticatedUser? = nil)
        async throws -> [String]
    {
        let signIn = ClosureMiddleware { request, context, next in
            context.updateValues { $0.user = user }
            return try await next(request, in: context)
        }
        let g = try GMiddleware(options: options("{\"values\": {\(json)}}"))
        let response = try await TestExchange()
            .send(.test(target, fields: fields), through: [signIn, g]) { _, context in
                .text(
                    ["a", "b", "c"].compactMap { name in context.g[named: name].map { "\(name)=\($0)" } }
                        .joined(separator: " ")
                )
            }
        return response.text.split(separator: " ").map(String.init)
    }

    @Test func `each source fills its value`() async throws {
        let user = AuthenticatedUser(id: "alice", method: .token, claims: ["team": "red"])
        let fields = ["X-Tenant: shop", "Cookie: theme=dark"]
        #expect(try await values(#""a": {"header": "x-tenant"}"#, fields: fields) == ["a=shop"])
        #expect(try await values(#""a": {"query": "page"}"#, target: "/?page=7") == ["a=7"])
        #expect(try await values(#""a": {"cookie": "theme"}"#, fields: fields) == ["a=dark"])
        #expect(try await values(#""a": {"claim": "team"}"#, user: user) == ["a=red"])
        #expect(try await values(#""a": {"constant": "blue"}"#) == ["a=blue"])
    }

    @Test(arguments: ["header", "query", "cookie", "claim"])
    func `what is missing is the default, or not there`(_ source: String) async throws {
        #expect(
            try await values("\"a\": {\"\(source)\": \"x\", \"default\": \"y\"}, \"b\": {\"\(source)\": \"x\"}") == [
                "a=y"
            ]
        )
    }

    @Test func `an empty value is a value`() async throws {
        #expect(try await values(#""a": {"header": "x", "default": "y"}"#, fields: ["x:"]) == ["a="])
    }

    @Test(arguments: [
        "", #""default": "y""#, #""header": "x", "query": "x""#, #""constant": "x", "cookie": "y", "default": "z""#,
    ])
    func `other than one source is refused`(_ json: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try options("{\"values\": {\"a\": {\(json)}}}", as: GMiddleware.Options.self)
        }
        #expect("\(String(describing: error))".contains("exactly one of header, query, cookie, claim and constant"))
    }

    @Test func `a header name that is none is refused`() {
        #expect(throws: ConfigurationError.self) {
            try options(#"{"values": {"a": {"header": "a b"}}}"#, as: GMiddleware.Options.self)
        }
    }

    @Test func `the request's id cannot be filled with what a client sends, past the check of request-id`() throws {
        let error = try #require(throws: OptionsError.self) {
            try GMiddleware(options: options(#"{"values": {"requestID": {"header": "user-id"}}}"#))
        }
        #expect(error.key == "values.requestID")
    }

    @Test func `jobs and typed keys read the same value`() async throws {
        let g = try GMiddleware(options: options(#"{"values": {"tenant": {"constant": "shop"}}}"#))
        let response = try await TestExchange()
            .send(.test(), through: [g]) { _, context in
                .text(try await context.pool.submit { try RequestContext.require().g[TenantKey.self] ?? "none" }.value)
            }
        #expect(response.text == "shop")
    }

    private enum TenantKey: ContextKey {
        static let name = "tenant"
        static let defaultValue: String? = nil
    }
}
