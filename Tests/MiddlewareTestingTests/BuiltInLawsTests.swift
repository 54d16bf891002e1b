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
            yaml: "apiKeys: {alice: 0123456789abcdef}",
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
}
