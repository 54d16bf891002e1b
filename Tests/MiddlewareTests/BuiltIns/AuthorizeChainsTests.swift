import Baton
import TestSupport
import Testing

@Suite struct AuthorizeChainsTests {
    private static let yaml = """
        chain: [auth]
        chains:
          admin:
            scope: below /admin
            steps: [admins]
          orders:
            scope: route /orders/{id}
            steps: [writers]
        middleware:
          auth:
            required: false
            apiKeys:
              alice: sha256:9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f
              bob: sha256:3465f6e6975baa864ca957f0914ecda9bf7eb601ac31ac20a5dc3d329279a843
            roles: {alice: [admin]}
            scopes: {bob: ["orders:write"]}
          admins: {use: authorize, roles: [admin]}
          writers: {use: authorize, scopes: ["orders:write"]}
        """

    @Test func `a path and a route demand what their chains say, and others nothing`() async throws {
        try await TestApplication.run(yaml: Self.yaml) { app in
            for path in ["/", "/admin/users", "/orders/{id}"] { app.router.get(path) { _, _ in .text("ok") } }
        } _: { app in
            let (alice, bob) = (["x-api-key": "0123456789abcdef"], ["x-api-key": "fedcba9876543210"])
            let wanted: [(String, [String: String], Int)] = [
                ("/", [:], 200), ("/admin/users", [:], 401), ("/admin/users", alice, 200), ("/admin/users", bob, 403),
                ("/admin/nothing", bob, 403), ("/orders/7", [:], 401), ("/orders/7", alice, 403),
                ("/orders/7", bob, 200),
            ]
            for (path, headers, status) in wanted {
                let response = try await app.request("GET \(path)", headers: headers)
                #expect(response.status == status, "\(path) \(headers)")
            }
        }
    }
}
