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

    @Option(help: "A scope of the user; may stand more than once.")
    var scope: [String] = []

    @Option(help: "A role of the user; may stand more than once.")
    var role: [String] = []

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
            let name = app.value(at: "middleware", AuthMiddleware.name, "algorithm")
            let token = try await AuthMiddleware.makeToken(
                for: user,
                secret: secret,
                lifetime: .seconds(minutes * 60),
                algorithm: name.flatMap { TokenAlgorithm(rawValue: $0) } ?? .hs256,
                issuer: app.value(at: "middleware", AuthMiddleware.name, "issuer"),
                audience: app.value(at: "middleware", AuthMiddleware.name, "audience"),
                scopes: scope,
                roles: role
            )
            Console.write(token)
        } catch {
            throw Console.fail(error)
        }
    }
}
