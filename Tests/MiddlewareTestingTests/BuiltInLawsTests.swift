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
