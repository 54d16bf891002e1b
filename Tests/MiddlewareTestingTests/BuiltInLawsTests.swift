import ContextPool
import EventServer
import Middleware
import MiddlewareTesting
import TestSupport
import Testing

/// The built-ins keep the laws that everybody's middleware is held to.
@Suite struct BuiltInLawsTests {
    @Test func `request-id keeps the laws`() async throws {
        #expect(try await MiddlewareLaws.breaches(of: RequestIDMiddleware.self, yaml: "") == [])
    }

    @Test func `proxy-headers keeps the laws`() async throws {
        let breaches = try await MiddlewareLaws.breaches(of: ProxyHeadersMiddleware.self, yaml: "headers: x-forwarded")
        #expect(breaches == [])
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

    @Test func `security-headers keeps the laws`() async throws {
        #expect(try await MiddlewareLaws.breaches(of: SecurityHeadersMiddleware.self, yaml: "") == [])
    }

    @Test func `cors keeps the laws`() async throws {
        let origin = "https://shop.example"
        let breaches = try await MiddlewareLaws.breaches(
            of: CORSMiddleware.self,
            yaml: "origins: [\(origin)]",
            requests: MiddlewareLaws.requests + [
                TestRequest("GET", "/", headers: ["origin": origin]),
                TestRequest("OPTIONS", "/", headers: ["origin": origin, "access-control-request-method": "PUT"]),
            ]
        )
        #expect(breaches == [])
    }

    @Test func `csrf keeps the laws`() async throws {
        let breaches = try await MiddlewareLaws.breaches(
            of: CSRFMiddleware.self,
            yaml: "",
            requests: MiddlewareLaws.requests + [TestRequest("POST", "/", headers: ["sec-fetch-site": "cross-site"])]
        )
        #expect(breaches == [])
    }

    @Test func `rate-limit keeps the laws`() async throws {
        let breaches = try await MiddlewareLaws.breaches(of: RateLimitMiddleware.self, yaml: "{requests: 20, per: 1h}")
        #expect(breaches == [])
    }

    @Test func `body-limit keeps the laws`() async throws {
        #expect(try await MiddlewareLaws.breaches(of: BodyLimitMiddleware.self, yaml: "limit: 1KiB") == [])
    }

    @Test func `timeout keeps all laws but one`() async throws {
        let all = try await MiddlewareLaws.breaches(of: TimeoutMiddleware.self, yaml: "after: 1h")
        #expect(Set(all.map(\.law)) == [.staysInItsTask])
    }

    @Test func `errors keeps the laws`() async throws {
        #expect(try await MiddlewareLaws.breaches(of: ErrorsMiddleware.self, yaml: "") == [])
    }

    @Test func `health keeps the laws`() async throws {
        let breaches = try await MiddlewareLaws.breaches(
            of: HealthMiddleware.self,
            yaml: "",
            requests: MiddlewareLaws.requests + [
                TestRequest("GET", "/health/live"), TestRequest("GET", "/health/ready"),
            ]
        )
        #expect(breaches == [])
    }

    @Test func `static-files keeps the laws`() async throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("a.txt", "a".utf8)
        let breaches = try await MiddlewareLaws.breaches(
            of: StaticFilesMiddleware.self,
            yaml: "root: \(folder.path)",
            requests: MiddlewareLaws.requests + [TestRequest("GET", "/a.txt")]
        )
        #expect(breaches == [])
    }

    @Test func `there is a test for each of them`() {
        let tested: [any MiddlewarePlugin.Type] = [
            RequestIDMiddleware.self, AccessLogMiddleware.self, AuthMiddleware.self, AuthorizeMiddleware.self,
            SessionMiddleware.self, GMiddleware.self, CompressionMiddleware.self, MetricsMiddleware.self,
            TracingMiddleware.self, SecurityHeadersMiddleware.self, CORSMiddleware.self, CSRFMiddleware.self,
            RateLimitMiddleware.self, BodyLimitMiddleware.self, TimeoutMiddleware.self, ErrorsMiddleware.self,
            HealthMiddleware.self, StaticFilesMiddleware.self, ProxyHeadersMiddleware.self,
        ]
        #expect(tested.map { $0.name }.sorted() == MiddlewareRegistry.standard.names)
    }
}
