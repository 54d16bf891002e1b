import ArgumentParser
import Baton

/// The command `baton chain`.
struct Chain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints what requests pass, in order, with all options and the lines that they come from.",
        discussion: "Secrets are not shown: where one comes from elsewhere, its reference stands in its place."
    )

    @OptionGroup var options: ConfigOptions

    @Option(help: "The path of requests, or the pattern of a route; without it, all chains are printed.")
    var route: String?

    func validate() throws {
        guard route?.hasPrefix("/") != false else { throw ValidationError("--route must begin with '/'.") }
    }

    func run() async throws {
        do {
            Console.write(try await options.makeApplication().describeChain(for: route))
        } catch {
            throw Console.fail(error)
        }
    }
}
