import Baton

/// The secret that stands in the `config.yml` of the repository, for everybody to read.
enum DemoSecret {
    static let text = "a-demo-secret-that-everybody-knows"

    /// Refuses to let others reach a server whose tokens anybody can sign.
    static func check(_ app: Application, reachableAt address: SocketAddress) throws(OptionsError) {
        guard app.chainNames.contains(AuthMiddleware.name), !address.isLoopback,
            app.value(at: "middleware", AuthMiddleware.name, "secret") == text
        else { return }
        throw OptionsError(
            """
            Not serving on \(address): middleware.auth.secret is still the demo secret, with which anybody can sign tokens. \
            Set BATON_MIDDLEWARE_AUTH_SECRET to at least 32 random bytes (openssl rand -hex 32), or serve on 127.0.0.1.
            """
        )
    }
}
