import ArgumentParser
import Baton
import Foundation

/// The command `baton schema`.
struct Schema: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints a JSON Schema of the configuration, so that editors complete and check it.",
        discussion: """
            baton schema > config.schema.json
            Then the first line of config.yml: # yaml-language-server: $schema=config.schema.json
            It has the options of all middleware that is built in, and of that in the files which the configuration names \
            below 'plugins'.
            """
    )

    @Option(name: .shortAndLong, help: "The file that names plug-ins (default: config.yml, where there is one).")
    var config: String?

    func run() async throws {
        do {
            let file = config ?? (FileManager.default.fileExists(atPath: "config.yml") ? "config.yml" : nil)
            let app = if let file { try await Application(configFile: file) } else { try await Application(yaml: "") }
            Console.write(try app.configurationSchema)
        } catch {
            throw Console.fail(error)
        }
    }
}
