import Hummingbird
import JWTKit
import Logging
import NIOPosix

/// What BenchServer serves, on Hummingbird.
///
/// `HummingbirdServer PORT empty|quiet|default ROUTES SECRET FOLDER`: `default` has a step for each of Baton's default chain, `quiet` has all but the log, `empty` has none.
@main struct HummingbirdServer {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 6, let port = Int(arguments[1]), let routes = Int(arguments[3]) else {
            fatalError("usage: HummingbirdServer PORT empty|quiet|default ROUTES SECRET FOLDER")
        }
        let router = Router(context: BenchContext.self)
        if arguments[2] != "empty" {
            router.add(middleware: RequestIDStep())
            if arguments[2] == "default" { router.add(middleware: LogStep()) }
            let keys = JWTKeyCollection()
            await keys.add(hmac: .init(from: arguments[4]), digestAlgorithm: .sha256)
            router.add(middleware: AuthStep(keys: keys))
            router.add(middleware: ValuesStep())
        }
        if !arguments[5].isEmpty { router.add(middleware: FileMiddleware(arguments[5], urlBasePath: "/files")) }
        addRoutes(to: router, pool: NIOThreadPool(numberOfThreads: 2))
        for number in 0..<routes {
            router.get("/r\(number)/:id") { _, context in try context.parameters.require("id") }
        }
        let app = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1))
        )
        try await app.runService()
    }

    private static func addRoutes(to router: Router<BenchContext>, pool: NIOThreadPool) {
        pool.start()
        router.get("/hello") { _, _ in "Hello, World!" }
        router.get("/json") { _, _ in Document.sample }
        router.post("/json") { request, context in
            let items = try await request.decode(as: [Item].self, context: context)
            return "\(items.count)"
        }
        router.get("/job") { _, _ in try await pool.runIfActive { "Hello, World!" } }
        router.get("/jobs") { _, _ in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...8 { group.addTask { try await pool.runIfActive { number } } }
                return try await group.reduce(0, +)
            }
            return "\(sum)"
        }
        router.post("/upload") { request, _ in
            var count = 0
            for try await chunk in request.body { count += chunk.readableBytes }
            return "\(count)"
        }
        let large = ByteBuffer(repeating: 0x78, count: 1 << 20)
        router.get("/download") { _, _ in
            Response(status: .ok, headers: [.contentType: "application/octet-stream"], body: .init(byteBuffer: large))
        }
    }
}
