import ContextPool
import EventServer
import Middleware
import MiddlewareTesting
import Testing

/// The built-ins keep the laws that everybody's middleware is held to.
@Suite struct BuiltInLawsTests {
    @Test func `request-id keeps the laws`() async throws {
        #expect(try await MiddlewareLaws.breaches(of: RequestIDMiddleware.self, yaml: "") == [])
    }

    @Test func `access-log keeps the laws`() async throws {
        #expect(try await MiddlewareLaws.breaches(of: AccessLogMiddleware.self, yaml: "") == [])
    }

    @Test func `auth keeps the laws`() async throws {
        let breaches = try await MiddlewareLaws.breaches(
            of: AuthMiddleware.self,
            yaml: "apiKeys: {alice: sha256:9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f}",
            requests: [
                TestRequest("GET", "/", headers: ["x-api-key": "0123456789abcdef"]), TestRequest(),
                TestRequest("POST", "/a", headers: ["x-api-key": "0123456789abcdef"], body: "body"),
            ]
        )
        #expect(breaches == [])
    }

    /// Lets everybody pass for a user, as `auth` does who has found one, and asks `authorize`.
    private struct Authorized: Middleware {
        let authorize: AuthorizeMiddleware
        let user: AuthenticatedUser

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            context.updateValues { $0.user = user }
            return try await authorize.handle(request, in: context, next: next)
        }
    }

    @Test func `authorize keeps the laws`() async throws {
        let user = AuthenticatedUser(id: "alice", method: .token, scopes: ["read"], roles: ["admin"])
        let authorize = try AuthorizeMiddleware(scopes: ["read"], roles: ["admin"])
        #expect(try await MiddlewareLaws.breaches(of: Authorized(authorize: authorize, user: user)) == [])
    }

    @Test(arguments: ["cookie", "server"])
    func `session keeps the laws`(_ place: String) async throws {
        let breaches = try await MiddlewareLaws.breaches(
            of: SessionMiddleware.self,
            yaml: "{keys: [a-session-key-of-at-least-32-bytes], store: \(place)}",
            requests: MiddlewareLaws.requests + [TestRequest("GET", "/", headers: ["cookie": "__Host-session=planted"])]
        )
        #expect(breaches == [])
    }

    @Test func `g keeps the laws`() async throws {
        let breaches = try await MiddlewareLaws.breaches(
            of: GMiddleware.self,
            yaml: "values: {page: {query: page, default: '1'}}"
        )
        #expect(breaches == [])
    }

    @Test func `compression keeps the laws`() async throws {
        #expect(try await MiddlewareLaws.breaches(of: CompressionMiddleware.self, yaml: "") == [])
    }

    @Test func `metrics keeps the laws`() async throws {
        #expect(try await MiddlewareLaws.breaches(of: MetricsMiddleware.self, yaml: "") == [])
    }

    @Test func `tracing keeps the laws`() async throws {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let breaches = try await MiddlewareLaws.breaches(
            of: TracingMiddleware.self,
            yaml: "",
            requests: MiddlewareLaws.requests + [TestRequest("GET", "/", headers: ["traceparent": trace])]
        )
        #expect(breaches == [])
    }
}
