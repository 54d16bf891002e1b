import Synchronization
import TestSupport
import Testing

@testable import Baton

/// What happens behind a client that goes away, in a real application.
@Suite(.timeLimit(.minutes(1))) struct DepartureTests {
    private static let yaml = """
        server: {loops: 1}
        pool: {workers: 1, queueLimit: 12}
        chain: [access-log]
        """

    /// What was seen, in order.
    private final class Record: Sendable {
        private let seen = Mutex<[String]>([])
        var entries: [String] { seen.withLock { $0 } }

        func note(_ entry: String) { seen.withLock { $0.append(entry) } }
    }

    /// Sends a request, and resets the connection when `gate` opens.
    private static func visit(_ path: String, of app: TestApplication, until gate: Gate) async throws {
        try await onThread {
            let connection = try RawConnection(port: app.port)
            try connection.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
            gate.wait()
            connection.reset()
        }
    }

    @Test func `when a client leaves, the jobs that wait never run, the one that runs is told, detached ones are done`()
        async throws
    {
        let (runs, isReady, hasLeft, isDone) = (Gate(), Gate(), Gate(), Gate())
        let record = Record()
        let logs = try await TestApplication.run(yaml: Self.yaml) { app in
            app.router.get("/slow/{id}") { _, context in
                defer { isDone.open() }
                context.onCancel { hasLeft.open() }
                context.onTeardown { record.note("teardown of \($0.route ?? "none")") }
                let running = try context.pool.submit {
                    runs.open()
                    hasLeft.wait()
                    record.note("running: \(try RequestContext.require().isCancelled)")
                }
                await runs.opened()
                let waiting = try (0..<10).map { _ in try context.pool.submit { record.note("waiting") } }
                let detached = try context.pool.submit(.detached) { record.note("detached") }
                isReady.open()
                try await running.value
                for job in waiting {
                    if case .failure(let error as ContextPoolError) = await job.result { record.note("\(error.code)") }
                }
                try await detached.value
                record.note("cancelled: \(Task.isCancelled) \(context.isCancelled)")
                return .text("nobody reads this")
            }
        } _: { app in
            try await Self.visit("/slow/7", of: app, until: isReady)
            await isDone.opened()
            return app.logs
        }
        let entries = record.entries
        #expect(entries.first == "running: true")
        #expect(entries.filter { $0 == "requestCancelled" }.count == 10)
        #expect(entries.filter { $0 == "detached" }.count == 1)
        #expect(!entries.contains("waiting"))
        #expect(entries.suffix(2) == ["cancelled: true true", "teardown of /slow/{id}"])
        #expect(logs.lines.filter { $0.message == "request" }.map { $0.metadata["status"] } == ["499"])
    }

    @Test func `a client that stays gets its answer, and jobs left behind go on`() async throws {
        let (go, isDone) = (Gate(), Gate())
        let record = Record()
        let logs = try await TestApplication.run(yaml: Self.yaml) { app in
            app.router.get("/") { _, context in
                try context.pool.submit {
                    go.wait()
                    record.note("\(try RequestContext.require().isCancelled)")
                    isDone.open()
                }
                return .text("ok")
            }
        } _: { app in
            let response = try await app.request("GET /")
            #expect(response.status == 200)
            // The connection is closed by now, which is no departure.
            go.open()
            await isDone.opened()
            return app.logs
        }
        #expect(record.entries == ["false"])
        #expect(logs.lines.filter { $0.message == "request" }.map { $0.metadata["status"] } == ["200"])
    }

    @Test func `a route on the pool hears of it as well`() async throws {
        let (isReady, hasLeft, isDone) = (Gate(), Gate(), Gate())
        let record = Record()
        let logs = try await TestApplication.run(yaml: Self.yaml) { app in
            app.router.get("/slow", on: .pool) { _, context in
                defer { isDone.open() }
                context.onCancel { hasLeft.open() }
                isReady.open()
                await hasLeft.opened()
                record.note("\(Task.isCancelled) \(context.isCancelled)")
                return .text("nobody reads this")
            }
        } _: { app in
            try await Self.visit("/slow", of: app, until: isReady)
            await isDone.opened()
            return app.logs
        }
        #expect(record.entries == ["true true"])
        #expect(logs.lines.filter { $0.message == "request" }.map { $0.metadata["status"] } == ["499"])
    }

    @Test func `a route on the pool that blocks leaves the loop to the others`() async throws {
        let (runs, go) = (Gate(), Gate())
        let record = Record()
        try await TestApplication.run(yaml: Self.yaml) { app in
            app.router.get("/blocks", on: .pool) { _, context in
                runs.open()
                Self.block(go)
                context.updateValues { $0[named: "seen"] = "by the chain" }
                context.onResponse { $0.headers[.server] = "hooked" }
                context.onTeardown { record.note("\($0.g[named: "seen"] ?? "none") \($0.route ?? "none")") }
                return .text("\(RequestContext.current === context)")
            }
            app.router.get("/quick") { _, _ in .text("quick") }
        } _: { app in
            async let slow = app.request("GET /blocks")
            await runs.opened()
            #expect(try await app.request("GET /quick").body == "quick")
            go.open()
            let response = try await slow
            #expect(response.body == "true")
            #expect(response.headers["server"] == "hooked")
        }
        #expect(record.entries == ["by the chain /blocks"])
    }

    @Test func `a route on a pool that is full is refused with 503, and may be tried again`() async throws {
        let (runs, go) = (Gate(), Gate())
        try await TestApplication.run(yaml: "pool: {workers: 1, queueLimit: 1}") { app in
            app.router.get("/blocks", on: .pool) { _, _ in
                runs.open()
                Self.block(go)
                return .text("done")
            }
            app.router.get("/fill") { _, context in
                try context.pool.submit {}
                return .text("filled")
            }
        } _: { app in
            async let first = app.request("GET /blocks")
            await runs.opened()
            #expect(try await app.request("GET /fill").body == "filled")
            let refused = try await app.request("GET /blocks")
            #expect(refused.status == 503)
            #expect(refused.headers["retry-after"] == "1")
            go.open()
            #expect(try await first.body == "done")
            #expect(try await app.request("GET /blocks").status == 200)
        }
    }

    /// Blocks the thread, as a handler on the pool may.
    private static func block(_ gate: Gate) { gate.wait() }
}
