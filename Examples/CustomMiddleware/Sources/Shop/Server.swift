import Baton
import Foundation

@main enum Server {
    static func main() async {
        do {
            var app = try await Application(configFile: "config.yml")
            addParts(to: &app)
            try await app.run()
        } catch {
            // Swift ends a `main` that throws with a crash report around the message.
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    /// Middleware and routes, for the server and for tests.
    static func addParts(to app: inout Application) {
        app.register(TenantIDMiddleware.self)
        app.router.get("/tenant") { request, context in
            .text(context.g.tenantID ?? "nobody")
        }
    }
}
