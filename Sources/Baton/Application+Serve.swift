import Foundation

extension Application {
    /// Makes an application from a configuration file, adds what the program brings, serves, and ends the process.
    ///
    /// It is a server's whole `main`. Whatever is wrong, all mistakes of the configuration first, is written to standard error,
    /// and the exit status is 1: an error that `main` throws would end the process with a crash report around it. It is 0 after
    /// an orderly stop, and 1 after one that was forced. Whoever has more to do than that makes an ``Application`` and calls
    /// ``run(onReady:)``.
    ///
    /// ```swift
    /// await Application.serve(configFile: "config.yml") { app in
    ///     app.register(TenantMiddleware.self)
    ///     app.router.get("/hello") { _, _ in .text("Hello!") }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - configFile: The path of the file.
    ///   - addParts: Registers middleware and adds routes, once, before anything is checked. What it throws ends the process.
    public static func serve(
        configFile: String,
        _ addParts: (inout Application) async throws -> Void
    ) async -> Never {
        do {
            var app = try await Application(configFile: configFile)
            try await addParts(&app)
            try await app.run()
        } catch {
            try? FileHandle.standardError.write(contentsOf: Data("\(error)\n".utf8))
            exit(EXIT_FAILURE)
        }
        exit(EXIT_SUCCESS)
    }
}
