import ArgumentParser
import Baton

/// The command `baton check`.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads the configuration and says what is wrong with it; serves nothing.",
        discussion:
            "Each mistake is one line: file, line, column, key, and what was probably meant. Exit status 1 if any."
    )

    @OptionGroup var options: ConfigOptions

    func run() async throws {
        do {
            let app = try await options.makeApplication()
            let chain = try app.checkChain()
            _ = try app.router.makeHandler()
            let names = chain + ["handler"]
            Console.write("\(options.config) is in order. Chain: \(names.joined(separator: " -> "))")
        } catch {
            throw Console.fail(error)
        }
    }
}
