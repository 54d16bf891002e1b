import ArgumentParser
import Baton

/// The command `baton routes`.
struct Routes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the routes, by host and path, with their names, their own middleware, and where they run."
    )

    @OptionGroup var options: ConfigOptions

    func run() async throws {
        do {
            let app = try await options.makeApplication()
            Console.write(Self.list(app.router))
        } catch {
            throw Console.fail(error)
        }
    }

    static func list(_ router: Router) -> String {
        router.routes
            .sorted { key(of: $0).lexicographicallyPrecedes(key(of: $1)) }
            .map { route in
                let method = route.method?.rawValue ?? "any"
                let blanks = String(repeating: " ", count: max(1, 8 - method.count))
                let details = details(of: route)
                return method + blanks + route.pattern + (details.isEmpty ? "" : "  (\(details))")
            }
            .joined(separator: "\n")
    }

    private static func key(of route: Router.Route) -> [String] {
        [route.host ?? "", route.pattern, route.method?.rawValue ?? "any"]
    }

    private static func details(of route: Router.Route) -> String {
        let steps = route.chain.steps.map(\.name).joined(separator: " -> ")
        let details = [
            route.name.map { "called \($0)" }, route.host.map { "for \($0)" }, steps.isEmpty ? nil : "through \(steps)",
            route.place == .pool ? "on the pool" : nil,
        ]
        return details.compactMap { $0 }.joined(separator: "; ")
    }
}
