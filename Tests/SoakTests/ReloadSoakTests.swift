import ContextPool
import EventServer
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Baton

@Suite("Reloads", .enabled(if: Soak.isWanted, Soak.reason), .timeLimit(.minutes(10)))
struct ReloadSoakTests {
    private static let count = 10_000

    /// Counts who is alive, and marks responses.
    struct Marking: MiddlewarePlugin {
        static let name = "marking"
        static let alive = Atomic<Int>(0)

        struct Options: Decodable {
            var mark: String
        }

        let mark: String

        init(options: Options) { mark = options.mark }

        mutating func start(in setup: PluginSetup) async throws { Self.alive.add(1, ordering: .relaxed) }

        func stop() async { Self.alive.subtract(1, ordering: .relaxed) }

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            var response = try await next(request, in: context)
            response.headers[.server] = mark
            return response
        }
    }

    @Test("by the thousand under load lose no request and leak no memory")
    func reloads() async throws {
        let mark = Mutex(0)
        let source = ConfigSource(file: "config.yml", options: [:], environment: [:]) {
            let number = mark.withLock { $0 }
            return """
                chain: [request-id, marking, g]
                chains: {below: {scope: below /api, steps: [other]}}
                middleware:
                  marking: {mark: g\(number)}
                  other: {use: marking, mark: other}
                  g: {values: {number: {constant: "\(number)"}}}
                """
        }
        let logs = LogRecorder()
        var logger = logs.makeLogger()
        logger.logLevel = .error
        var application = try Application(source: source, logger: logger)
        application.register(Marking.self)
        application.router.get("/{any}") { _, context in .text(context.g[named: "number"] ?? "none") }
        var values = ContextValues()
        values.logger = logger
        let pool = try ContextPool(workers: 1)
        let app = AppContext(name: "soak", pool: pool, values: values)
        let generations = Generations()
        let reloader = Reloader(application, generations: generations, app: app)
        try await reloader.start()
        var configuration = ServerConfiguration()
        (configuration.port, configuration.loops, configuration.requestsPerConnection) = (0, 2, 0)
        let server = HTTPServer(configuration: configuration, responder: generations, logger: logger)
        let port = try server.bind().port
        let serving = Task { try await server.run() }
        let isOver = Gate()
        let load = (0..<3)
            .map { _ in
                Task {
                    try await onThread {
                        let connection = try RawConnection(port: port)
                        var answers = 0
                        while !isOver.isOpen {
                            try connection.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
                            let response = try connection.receiveResponse()
                            // Mark and value are of one generation, whichever it is.
                            guard response.status == 200, response.headers["server"] == "g\(response.body)" else {
                                throw RawConnection.Failure(description: "\(response.statusLine) \(response.body)")
                            }
                            answers += 1
                        }
                        return answers
                    }
                }
            }
        let start = ContinuousClock.now
        var sizes: [Int] = []
        for number in 1...Self.count {
            mark.withLock { $0 = number }
            await reloader.reloadNow(because: "soak")
            if number.isMultiple(of: Self.count / 10) { sizes.append(try Self.residentSize()) }
        }
        let time = start.duration(to: .now)
        isOver.open()
        var answers = 0
        for client in load { answers += try await client.value }
        serving.cancel()
        try? await serving.value
        reloader.stop()
        generations.close()
        let left = await generations.waitForEnd(within: .seconds(20))
        let megabytes = sizes.map { "\($0 >> 20)" }.joined(separator: ", ")
        print("reloads: \(Self.count) in \(time), \(answers) requests meanwhile, none lost; MiB resident: \(megabytes)")
        #expect(answers > 0)
        #expect(logs.lines.isEmpty, "\(logs.lines.first?.message ?? "")")
        #expect(left == 0 && Marking.alive.load(ordering: .relaxed) == 0)
        // What allocators keep settles early; a leak of one generation's kilobytes would show by the thousand.
        #expect(sizes[9] - sizes[1] < 8 << 20, "\(sizes)")
        _ = await pool.shutDown(.finishPending)
    }

    private static func residentSize() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }
}
