import Baton

/// The routes of the server binary: what Baton is for, to be tried with curl.
enum Demo {
    static func addRoutes(
        to app: inout Application,
        orderImport: OrderImport = OrderImport(),
        reports: Reports = Reports()
    ) {
        let chain = app.chainNames
        app.values.operationLog = OperationLog()
        app.router.get("/hello") { _, _ in .text("Hello, World!") }
        app.router.on(nil, "/echo", Echo.respond)
        app.router.get("/whoami", WhoAmI.respond)
        app.router.get("/time") { _, _ in TimeSignal.response }
        app.router.post("/upload", Upload.respond)
        Quickstart.addRoutes(to: &app.router)
        orderImport.addRoutes(to: &app.router)
        reports.addRoutes(to: &app.router)
        JobRoutes.addRoutes(to: &app.router)

        let home = HomePage(chain: chain, routes: app.router.routes)
        app.router.get("/") { request, _ in .html(home.html(reachedAt: request.authority)) }
    }
}
