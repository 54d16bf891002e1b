import ContextPool
import CoreMetrics
import EventServer
import MetricsTestKit
import TestSupport
import Testing

@testable import Middleware

@Suite("The metrics of a pool", .timeLimit(.minutes(1)))
struct PoolMetricsTests {
    private struct Broken: Error {}

    private let backend = TestMetrics()

    /// Runs `body` with a pool of one worker, and returns when all its jobs have ended.
    private func withPool(
        whenFull: FullQueuePolicy = .reject,
        propagators: [ContextPropagator] = [],
        _ body: (ContextPool) async throws -> Void
    ) async throws {
        let metrics = PoolMetrics(factory: backend)
        let pool = try ContextPool(
            workers: 1,
            queueLimit: 2,
            whenFull: whenFull,
            name: "p",
            propagators: propagators,
            observer: metrics
        )
        try await body(pool)
        await pool.shutDown()
    }

    /// Occupies the worker of a pool until the gate opens.
    private func plug(_ pool: ContextPool) async throws -> Gate {
        let (runs, go) = (Gate(), Gate())
        try pool.submit(named: "plug") {
            runs.open()
            go.wait()
        }
        await runs.opened()
        return go
    }

    @Test("time how long jobs wait and run, by their names and by how they ended")
    func timers() async throws {
        try await withPool { pool in
            try await pool.submit(named: "report") {}.value
            await #expect(throws: Broken.self) { try await pool.submit(named: "report") { throw Broken() }.value }
            let cancelled = try pool.submit { () async throws -> Void in throw CancellationError() }
            await #expect(throws: CancellationError.self) { try await cancelled.value }
        }
        let report = [("pool", "p"), ("job", "report")]
        #expect(try backend.expectTimer("baton.jobs.wait", report).values.count == 2)
        for result in ["succeeded", "failed"] {
            let timer = try backend.expectTimer("baton.jobs.run", report + [("result", result)])
            #expect(timer.values.count == 1 && timer.values.allSatisfy { $0 > 0 })
        }
        let unnamed = [("pool", "p"), ("job", ""), ("result", "cancelled")]
        #expect(try backend.expectTimer("baton.jobs.run", unnamed).values.count == 1)
    }

    @Test("count refusals by their codes, and jobs that never ran by their reasons; what nobody wanted is saved work")
    func counters() async throws {
        try await withPool { pool in
            let app = AppContext(name: "test", pool: pool)
            let request = RequestContext(app: app)
            let go = try await plug(pool)
            try RequestContext.withCurrent(request) { _ = try pool.submit {} }
            let second = try pool.submit {}
            #expect(throws: ContextPoolError.self) { try pool.submit {} }
            second.cancel()
            request.cancel()
            go.open()
        }
        let full = [("pool", "p"), ("code", "queueFull")]
        #expect(try backend.expectCounter("baton.jobs.refused", full).totalValue == 1)
        for reason in ["cancelled", "requestCancelled"] {
            let dimensions = [("pool", "p"), ("reason", reason)]
            #expect(try backend.expectCounter("baton.jobs.unstarted", dimensions).totalValue == 1)
        }
        #expect(try backend.expectCounter("baton.jobs.saved", [("pool", "p")]).totalValue == 1)
    }

    @Test("count failures that nobody sees, callbacks that throw, and jobs that were pushed out")
    func losses() async throws {
        try await withPool(whenFull: .dropOldest) { pool in
            try await pool.submit {}.value
            try pool.submit {}.whenComplete { _ in throw Broken() }
            _ = try pool.submit { throw Broken() }
            #expect(await isSoon { pool.unfinishedJobs == 0 })
            let go = try await plug(pool)
            for _ in 0..<3 { try pool.submit {} }
            go.open()
        }
        #expect(await isSoon { backend.counterTotal(label: "baton.jobs.unseen") == 2 })
        #expect(backend.counterTotal(label: "baton.callbacks.failed") == 1)
        #expect(
            try backend.expectCounter("baton.jobs.unstarted", [("pool", "p"), ("reason", "dropped")]).totalValue == 1
        )
    }

    @Test("show how many jobs wait, and how many have not ended, whenever they are sampled")
    func gauges() async throws {
        try await withPool { pool in
            let metrics = PoolMetrics(factory: backend)
            let go = try await plug(pool)
            try pool.submit {}
            metrics.sample(pool)
            #expect(try backend.expectGauge("baton.jobs.waiting", [("pool", "p")]).lastValue == 1)
            #expect(try backend.expectGauge("baton.jobs.unfinished", [("pool", "p")]).lastValue == 2)
            go.open()
            #expect(await isSoon { pool.unfinishedJobs == 0 })
            metrics.sample(pool)
            #expect(try backend.expectGauge("baton.jobs.waiting", [("pool", "p")]).lastValue == 0)
        }
    }

    @Test("charge the processor time of jobs to the pattern of their route, never to a path", arguments: [false, true])
    func routes(isAsync: Bool) async throws {
        let lines = MetricLines()
        let exchange = try TestExchange(observer: PoolMetrics(factory: lines.factory))
        var router = Router()
        router.get("/report/{id}") { _, context in
            let work: @Sendable () -> Int = { (0..<100_000).reduce(0) { $0 &+ $1 &* $1 } }
            let future =
                isAsync
                ? try context.pool.submit { () async throws -> Int in
                    let half = work()
                    await Task.yield()
                    return half &+ work()
                } : try context.pool.submit { work() }
            return .text("\(try await future.value)")
        }
        let handler = try router.makeHandler()
        for id in 1...3 { await exchange.send(try .test("/report/\(id)"), handler) }
        try await exchange.app.pool.submit {}.value
        await exchange.app.pool.shutDown()
        let charged = lines.lines.filter { $0.contains("baton.route.cpu.seconds") }
        #expect(charged.filter { $0.contains("/report/{id}") }.count == 3)
        #expect(charged.count == 4)
        #expect(!charged.contains { $0.contains("/report/1") })
        // Seconds: a debug build needs milliseconds for it.
        let times = charged.compactMap { $0.split(separator: "=").last.flatMap { Double($0) } }
        #expect(times.count == 4 && times.prefix(3).allSatisfy { $0 > 0.000_01 && $0 < 10 }, "\(charged)")
    }

    @Test("charge what a handler takes on the workers to its route, before an await and behind it, also when it throws")
    func handlersOnThePool() async throws {
        let lines = MetricLines()
        let exchange = try TestExchange(observer: PoolMetrics(factory: lines.factory))
        let work: @Sendable () -> Int = { (0..<100_000).reduce(0) { $0 &+ $1 &* $1 } }
        var router = Router()
        router.get("/report/{id}", on: .pool) { _, _ in
            let half = work()
            await Task.yield()
            return .text("\(half &+ work())")
        }
        router.get("/broken", on: .pool) { _, _ in
            _ = work()
            throw Broken()
        }
        let handler = try router.makeHandler()
        for path in ["/report/1", "/report/2", "/broken"] { await exchange.send(try .test(path), handler) }
        await exchange.app.pool.shutDown()
        let charged = lines.lines.filter { $0.contains("baton.route.cpu.seconds") }
        #expect(charged.filter { $0.contains("/report/{id}") }.count == 2)
        #expect(charged.filter { $0.contains("/broken") }.count == 1)
        let times = charged.compactMap { $0.split(separator: "=").last.flatMap { Double($0) } }
        #expect(times.count == 3 && times.allSatisfy { $0 > 0.000_01 && $0 < 10 }, "\(charged)")
        #expect(!lines.lines.contains { $0.contains("baton.jobs.run") }, "it is no job")
    }

    @Test("beyond 100 names all are called other: who names a job after a user fills no memory")
    func names() async throws {
        try await withPool { pool in
            for number in 0..<120 { try await pool.submit(named: "user \(number)") {}.value }
        }
        #expect(backend.timers(label: "baton.jobs.wait").count == PoolMetrics.nameLimit + 1)
        let other = [("pool", "p"), ("job", "other")]
        #expect(try backend.expectTimer("baton.jobs.wait", other).values.count == 20)
    }

    @Test("cost no clock where the application has no metrics")
    func noMetrics() {
        #expect(!PoolMetrics(factory: NOOPMetricsHandler.instance).measuresJobs)
        #expect(PoolMetrics(factory: backend).measuresJobs)
    }

    @Test("count what a job leaves behind on its worker")
    func leaks() {
        let metrics = PoolMetrics(factory: backend)
        metrics.contextLeaked(nil, "locale")
        #expect(backend.counterTotal(label: "baton.context.leaks") == 1)
    }
}
