import ArgumentParser
import Baton

/// The command `baton schema`.
struct Schema: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints a JSON Schema of the configuration, so that editors complete and check it.",
        discussion: """
            baton schema > config.schema.json
            Then the first line of config.yml: # yaml-language-server: $schema=config.schema.json
            """
    )

    func run() async throws {
        do {
            // Of a configuration that says nothing: what there is to say does not depend on it.
            Console.write(try await Application(yaml: "").configurationSchema)
        } catch {
            throw Console.fail(error)
        }
    }
}
