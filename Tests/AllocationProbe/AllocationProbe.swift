import Baton
import CAllocationCounter
import CSystemCallCounter
import EventServer

/// Serves, asks itself, and prints what a request allocates, and how many system calls the server makes for it: two lines for
/// each case, with a name and a number.
///
/// A process of its own, since every allocation in it counts: those of a test framework would, too.
///
///     AllocationProbe config.yml
@main
enum AllocationProbe {
    static func main() async throws {
        for count in [0, 1, 2, 8] { try await report("steps-\(count)", try await Self.application(steps: count)) }
        try await report("default-chain", try await Application(configFile: CommandLine.arguments[1]))
        try await reportUploads()
    }

    /// How often the server changes what it waits for, while a handler takes a body of 1 MiB as it arrives.
    private static func reportUploads() async throws {
        var application = try await application(steps: 0)
        application.router.post("/upload") { request, _ in
            var count = 0
            for try await chunk in request.body.limited(to: 1 << 20) { count += chunk.count }
            return .text("\(count)")
        }
        let changes = try await application.withServer { address in
            let head = "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(1 << 20)\r\n\r\n"
            let client = try ProbeClient(
                port: address.port,
                Array(head.utf8) + [UInt8](repeating: 0x78, count: 1 << 20)
            )
            try client.ask(times: 10)
            let changes = poll_change_count()
            try client.ask(times: 100)
            return poll_change_count() - changes
        }
        print("upload-changes \(Double(changes) / 100)")
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
        let costs = try await application.withServer { address in try Self.costs(at: address) }
        print("\(name) \(costs.allocations)")
        print("\(name)-calls \(costs.calls)")
    }

    /// What one request costs, from its first byte to the last of its response.
    private static func costs(at address: SocketAddress) throws -> (allocations: Double, calls: Double) {
        let client = try ProbeClient(port: address.port)
        // The first ones grow what is kept for the rest.
        try client.ask(times: 500)
        let requests = 1000
        // Of several rounds the smallest: now and then a clock ticks in between.
        let rounds = try (0..<5)
            .map { _ in
                let (allocations, calls) = (allocation_count(), system_call_count())
                try client.ask(times: requests)
                return (allocations: allocation_count() - allocations, calls: system_call_count() - calls)
            }
        let allocations = Double(rounds.map(\.allocations).min() ?? 0) / Double(requests)
        // The client is in the same process, and sends and receives once for each.
        let calls = Double(rounds.map(\.calls).min() ?? 0) / Double(requests) - 2
        return (allocations, calls)
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
