import EventServer
import Middleware

/// The secret that stands in the `config.yml` of this repository, for everybody to read.
enum DemoSecret {
    static let text = "a-demo-secret-that-everybody-knows"

    /// What is wrong with a server that others can reach and whose tokens anybody can sign; `nil` where that is not so.
    ///
    /// - Parameters:
    ///   - config: The configuration.
    ///   - settings: What was read of it.
    ///   - name: What the `auth` in question is called.
    /// - Returns: The problem.
    static func problem(in config: ConfigFile, _ settings: Settings, for name: String) -> ConfigProblem? {
        let path = ["middleware", name, "secret"]
        let open = settings.server.addresses.first { !$0.isLocal }
        let secret = try? config.decode(at: path) { try $0.singleValueContainer().decode(String.self) }
        guard let open, secret == text else { return nil }
        return config.problem(
            at: path,
            """
            this is the demo secret, with which anybody can sign tokens, and others can reach \(open). Set \
            BATON_MIDDLEWARE_AUTH_SECRET to at least 32 random bytes (openssl rand -hex 32), or serve on 127.0.0.1.
            """
        )
    }
}
