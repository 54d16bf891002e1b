import ArgumentParser

/// The command `baton new`.
struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes the first files of something new.",
        subcommands: [NewMiddleware.self, NewPlugin.self]
    )
}
