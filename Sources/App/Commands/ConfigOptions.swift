import ArgumentParser
import Baton
import Foundation

/// The options that every command shares.
struct ConfigOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration file.")
    var config = "config.yml"

    @Option(help: "The address to listen on; wins over 'server.host' in the file.")
    var host: String?

    @Option(help: "The port to listen on, 0 for a free one; wins over 'server.port' in the file.")
    var port: Int?

    @Option(help: "trace, debug, info, notice, warning, error or critical; wins over 'log.level' in the file.")
    var logLevel: String?

    /// The application with its demo routes, as the options say.
    func makeApplication() async throws -> Application {
        var options: [String: String] = [:]
        if let host { options["server.host"] = host }
        if let port { options["server.port"] = String(port) }
        if let logLevel { options["log.level"] = logLevel }
        var app = try await Application(configFile: config, options: options)
        Demo.addRoutes(to: &app)
        return app
    }
}

/// The two streams of a command: results go to one, whatever is wrong to the other.
///
/// Both are written through at once, so that a log collector sees a line when it is written.
enum Console {
    static func write(_ text: String) { write(text, to: .standardOutput) }

    static func warn(_ text: String) { write(text, to: .standardError) }

    /// Says what is wrong, and ends the command with status 1.
    static func fail(_ error: any Error) -> ExitCode {
        write("\(error)", to: .standardError)
        return .failure
    }

    /// A stream that is closed or full is no reason to crash: the exit status still tells.
    private static func write(_ text: String, to stream: FileHandle) {
        try? stream.write(contentsOf: Data("\(text)\n".utf8))
    }
}
