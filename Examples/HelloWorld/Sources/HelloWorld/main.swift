import Baton

await Application.serve(configFile: "config.yml") { app in
    app.register(TenantMiddleware.self)
    app.router.get("/reports/{id}") { request, context in
        let id = try context.parameters.require("id", as: Int.self)
        let report = try context.pool.submit { try renderReport(id) }
        return .text(try await report.value)
    }
}
