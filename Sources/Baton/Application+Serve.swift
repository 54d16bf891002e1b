import Foundation

extension Application {
    /// Makes an application from a configuration file, adds what the program brings, serves, and ends the process.
    ///
    /// It is a server's whole `main`. Whatever is wrong, all mistakes of the configuration first, is written to standard error,
    /// and the exit status is 1: an error that `main` throws would end the process with a crash report around it. It is 0 after
    /// an orderly stop, and 1 after one that was forced. Whoever has more to do than that makes an ``Application`` and calls
    /// ``run(onReady:)``.
    ///
    /// With `check` as its argument the program reads the configuration, says what is wrong with it and serves nothing; with `chain`,
    /// or `chain --route PATH`, it prints what requests pass, and with `schema` a JSON Schema: what the command `baton` does, for the
    /// middleware that this program has. All other arguments are the program's own.
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
            if let command = Command(Array(CommandLine.arguments.dropFirst())) {
                let answer = try app.answer(command)
                for warning in answer.warnings { write(warning, to: .standardError) }
                write(answer.text, to: .standardOutput)
            } else {
                try await app.run()
            }
        } catch {
            write("\(error)", to: .standardError)
            exit(EXIT_FAILURE)
        }
        exit(EXIT_SUCCESS)
    }

    /// A stream that is closed or full is no reason to crash: the exit status still tells.
    private static func write(_ line: String, to stream: FileHandle) {
        try? stream.write(contentsOf: Data("\(line)\n".utf8))
    }
}
