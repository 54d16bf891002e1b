import ContextPool
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Baton

/// Where a handler on the pool runs in a real server, and where what stands around it goes on.
@Suite("The place of a handler", .timeLimit(.minutes(1)))
struct HandlerPlaceTests {
    /// Notes the thread before the rest of the chain, and behind it.
    private struct Watching: MiddlewarePlugin {
        struct Options: Decodable {}

        static let name = "watching"
        static let threads = Mutex<[String]>([])

        init(options: Options) {}

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            let before = HandlerPlaceTests.threadName()
            defer { Self.threads.withLock { $0 = [before, HandlerPlaceTests.threadName()] } }
            return try await next(request, in: context)
        }
    }

    private static func threadName() -> String {
        (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8))?.trimmingCharacters(in: .newlines)
            ?? ""
    }

    @Test("on the pool is the handler alone: the steps around it go on on their loop, also when it throws")
    func stepsStayOnTheLoop() async throws {
        struct Broken: Error {}
        let yaml = """
            server: {loops: 1}
            pool: {workers: 1}
            chain: [watching]
            """
        try await TestApplication.run(yaml: yaml) { app in
            app.register(Watching.self)
            app.router.get("/where", on: .pool) { _, _ in
                let first = Self.threadName()
                await Task.yield()
                return .text("\(first) \(Self.threadName())")
            }
            app.router.get("/broken", on: .pool) { _, _ in throw Broken() }
        } _: { app in
            let names = try await app.request("GET /where").body.split(separator: " ")
            let around = Watching.threads.withLock { $0 }
            #expect(names.count == 2 && names[0] == names[1])
            #expect(names.first?.hasPrefix("pool") == true)
            #expect(around.count == 2 && around[0] == around[1])
            #expect(around.first.map { name in names.contains { $0 == name } } == false)
            #expect(try await app.request("GET /broken").status == 500)
            #expect(Watching.threads.withLock { $0 } == around)
        }
    }
}
