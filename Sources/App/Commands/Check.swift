import ArgumentParser
import Baton

/// The command `baton check`.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads the configuration and says what is wrong with it; serves nothing.",
        discussion:
            "Each mistake is one line: file, line, column, key, and what was probably meant. Exit status 1 if any. What is "
            + "most likely not meant is a warning, and no mistake."
    )

    @OptionGroup var options: ConfigOptions

    func run() async throws {
        do {
            let app = try await options.makeApplication()
            let answer = try app.answer(.check)
            for warning in answer.warnings { Console.warn(warning) }
            Console.write(answer.text)
        } catch {
            throw Console.fail(error)
        }
    }
}
