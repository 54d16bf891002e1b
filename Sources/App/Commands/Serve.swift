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
        let places = launch.addresses.map { $0.isUnix ? "\($0)" : "http://\($0)" }.joined(separator: ", ")
        return """
            Baton listens on \(places) with \(launch.loops) loops and \(launch.workers) pool workers.
            Chain: \((launch.chain + ["handler"]).joined(separator: " -> "))
            Try:   curl -H 'user-id: alice' \(curlTarget(launch.address))/user/executor
            """
    }

    private static func curlTarget(_ address: SocketAddress) -> String {
        if address.isUnix { return "--unix-socket \(address.host.dropFirst("unix:".count)) http://localhost" }
        // A wildcard is no address that curl can connect to.
        return address.isWildcard ? "http://127.0.0.1:\(address.port)" : "http://\(address)"
    }
}
