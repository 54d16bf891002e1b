import Baton
import CAllocationCounter
import EventServer

/// Serves, asks itself, and prints what a request allocates: a line for each case, with a name and a number.
///
/// A process of its own, since every allocation in it counts: those of a test framework would, too.
///
///     AllocationProbe config.yml
@main
enum AllocationProbe {
    static func main() async throws {
        for count in [0, 1, 2, 8] { try await report("steps-\(count)", try await Self.application(steps: count)) }
        try await report("default-chain", try await Application(configFile: CommandLine.arguments[1]))
    }

    /// An application with so many steps that do nothing but call the next one.
    private static func application(steps count: Int) async throws -> Application {
        let names = (0..<count).map { "step-\($0)" }
        let options = names.map { "\($0): {use: plain-step}" }
        var app = try await Application(
            yaml: """
                chain: [\(names.joined(separator: ", "))]
                middleware: {\(options.joined(separator: ", "))}
                server: {loops: 1}
                """
        )
        app.register(PlainStep.self)
        return app
    }

    private static func report(_ name: String, _ application: Application) async throws {
        var application = application
        application.router.get("/hello") { _, _ in .text("Hello!") }
        let count = try await application.withServer { address in try Self.allocations(at: address) }
        print("\(name) \(count)")
    }

    /// What one request allocates, from its first byte to the last of its response.
    private static func allocations(at address: SocketAddress) throws -> Double {
        let client = try ProbeClient(port: address.port)
        // The first ones grow what is kept for the rest.
        try client.ask(times: 500)
        let requests = 1000
        // Of several rounds the smallest: now and then a clock ticks in between.
        let rounds = try (0..<5)
            .map { _ in
                let before = allocation_count()
                try client.ask(times: requests)
                return allocation_count() - before
            }
        return Double(rounds.min() ?? 0) / Double(requests)
    }
}

/// Does nothing, synchronously.
private struct PlainStep: MiddlewarePlugin {
    static let name = "plain-step"

    init(options: NoOptions) {}

    func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        try await next(request, in: context)
    }
}
