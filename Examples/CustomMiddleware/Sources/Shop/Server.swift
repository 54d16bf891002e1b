import Baton

@main enum Server {
    static func main() async {
        await Application.serve(configFile: "config.yml") { app in addParts(to: &app) }
    }

    /// Middleware and routes, for the server and for tests.
    static func addParts(to app: inout Application) {
        app.register(TenantIDMiddleware.self)
        app.router.get("/tenant") { request, context in
            .text(context.g.tenantID ?? "nobody")
        }
    }
}
