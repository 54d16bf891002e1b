import Baton
import Dispatch
import Glibc

/// Serves what the benchmarks ask for, as a user would write it.
///
/// `BenchServer CONFIG [ROUTES]`, with so many routes more than the others need.
@main struct BenchServer {
    // Not an async one, for which Dispatch ends the main thread: callgrind does not survive that.
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else { fatalError("usage: BenchServer CONFIG [ROUTES]") }
        let stopped = DispatchSemaphore(value: 0)
        Task.detached {
            do {
                try await serve(configFile: arguments[1], routes: arguments.count > 2 ? Int(arguments[2]) ?? 0 : 0)
            } catch {
                print(error)
                exit(1)
            }
            stopped.signal()
        }
        stopped.wait()
    }

    private static func serve(configFile: String, routes: Int) async throws {
        var app = try await Application(configFile: configFile)
        app.register(PassMiddleware.self)
        addRoutes(to: &app.router)
        for number in 0..<routes {
            app.router.get("/r\(number)/{id}") { _, context in .text(try context.parameters.require("id")) }
        }
        try await app.run()
    }

    private static func addRoutes(to router: inout Router) {
        router.get("/hello") { _, _ in .text("Hello, World!") }
        router.get("/json") { _, _ in try .json(Document.sample) }
        router.post("/json") { request, _ in
            let items = try await request.json([Item].self)
            return .text("\(items.count)")
        }
        router.get("/job") { _, context in
            let job = try context.pool.submit { "Hello, World!" }
            return .text(try await job.value)
        }
        router.get("/jobs") { _, context in
            let jobs = try (1...8).map { number in try context.pool.submit { number } }
            return .text("\(try await Future.all(jobs).value.reduce(0, +))")
        }
        router.post("/upload") { request, _ in
            var count = 0
            for try await chunk in request.body.limited(to: 16 << 20) { count += chunk.count }
            return .text("\(count)")
        }
        let large = [UInt8](repeating: 0x78, count: 1 << 20)
        router.get("/download") { _, _ in
            Response(status: .ok, headers: [.contentType: "application/octet-stream"], body: large)
        }
    }
}
