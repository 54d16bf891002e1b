import ArgumentParser
import Baton

/// The command `baton token`.
struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints a signed token for a user, to try 'auth' with.",
        discussion: "curl -H \"authorization: Bearer $(baton token --user alice)\" http://127.0.0.1:8080/whoami"
    )

    @OptionGroup var options: ConfigOptions

    @Option(help: "The name of the user.")
    var user: String

    @Option(help: "For how many minutes the token is valid.")
    var minutes = 60

    func validate() throws {
        guard !user.isEmpty else { throw ValidationError("--user must not be empty.") }
        guard (1...525_600).contains(minutes) else {
            throw ValidationError("--minutes must be from 1 to 525600, a year.")
        }
    }

    func run() async throws {
        do {
            let app = try await options.makeApplication()
            guard let secret = app.value(at: "middleware", AuthMiddleware.name, "secret") else {
                throw OptionsError("\(options.config) has no middleware.auth.secret to sign a token with.")
            }
            Console.write(
                try await AuthMiddleware.makeToken(for: user, secret: secret, lifetime: .seconds(minutes * 60))
            )
        } catch {
            throw Console.fail(error)
        }
    }
}
