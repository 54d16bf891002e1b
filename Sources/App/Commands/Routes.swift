import ArgumentParser
import Baton

/// The command `baton routes`.
struct Routes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the routes, by path.")

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
            .map { route in
                let method = route.method?.rawValue ?? "any"
                return (method: method, pattern: route.pattern, place: route.place == .pool ? "  (on the pool)" : "")
            }
            .sorted { ($0.pattern, $0.method) < ($1.pattern, $1.method) }
            .map { $0.method + String(repeating: " ", count: max(1, 8 - $0.method.count)) + $0.pattern + $0.place }
            .joined(separator: "\n")
    }
}
