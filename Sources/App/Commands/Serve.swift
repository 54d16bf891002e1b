import ArgumentParser
import Baton

/// The command `baton serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves until it gets SIGTERM or SIGINT (Ctrl-C); running requests finish first."
    )

    @OptionGroup var options: ConfigOptions

    func run() async throws {
        do {
            let app = try await options.makeApplication()
            try await app.run { launch in Console.write(Self.banner(launch)) }
        } catch {
            throw Console.fail(error)
        }
    }

    static func banner(_ launch: Application.Launch) -> String {
        // A wildcard is no address that curl can connect to.
        let host = launch.address.isWildcard ? "127.0.0.1:\(launch.address.port)" : "\(launch.address)"
        return """
            Baton listens on http://\(launch.address) with \(launch.loops) loops and \(launch.workers) pool workers.
            Chain: \((launch.chain + ["handler"]).joined(separator: " -> "))
            Try:   curl -H 'user-id: alice' http://\(host)/user/executor
            """
    }
}
