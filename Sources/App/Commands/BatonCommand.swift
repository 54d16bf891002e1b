import ArgumentParser

/// `baton`: the command line.
@main
struct BatonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baton",
        abstract: "An HTTP server whose background work never loses its request.",
        discussion: """
            Without a subcommand it serves. Settings come from the command line, then from environment variables, then from \
            the configuration file: 'server.port' is BATON_SERVER_PORT, 'middleware.auth.secret' is \
            BATON_MIDDLEWARE_AUTH_SECRET.
            """,
        version: "baton 0.1.0",
        subcommands: [Serve.self, Check.self, Chain.self, Routes.self, Schema.self, Token.self, New.self],
        defaultSubcommand: Serve.self
    )
}
