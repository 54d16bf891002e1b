import Baton

@main enum Server {
    static func main() async throws {
        var app = try await Application(configFile: "config.yml")
        addParts(to: &app)
        try await app.run()
    }

    /// Middleware and routes, for the server and for tests.
    static func addParts(to app: inout Application) {
        app.register(TenantIDMiddleware.self)
        app.router.get("/tenant") { request, context in
            .text(context.g.tenantID ?? "nobody")
        }
    }
}
