import Baton

/// Serves what the benchmarks ask for, as a user would write it.
///
/// `BenchServer CONFIG [ROUTES]`, with so many routes more than the others need.
@main struct BenchServer {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else { fatalError("usage: BenchServer CONFIG [ROUTES]") }
        var app = try await Application(configFile: arguments[1])
        app.register(PassMiddleware.self)
        addRoutes(to: &app.router)
        let count = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 0
        for number in 0..<count {
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
