import Baton

var app = try await Application(configFile: "config.yml")
app.register(TenantMiddleware.self)
app.router.get("/reports/{id}") { request, context in
    let id = try context.parameters.require("id", as: Int.self)
    let report = try context.pool.submit { try renderReport(id) }
    return .text(try await report.value)
}
try await app.run()
