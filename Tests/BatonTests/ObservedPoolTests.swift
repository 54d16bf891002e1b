import InMemoryTracing
import Metrics
import MetricsTestKit
import Synchronization
import TestSupport
import Testing
import Tracing

@testable import Baton

/// What an operator learns of the jobs of an application, in a real one.
@Suite("An application's pool is observed", .timeLimit(.minutes(1)))
struct ObservedPoolTests {
    private struct Broken: Error {}

    private static let yaml = """
        server: {loops: 1}
        pool: {workers: 1}
        chain: [request-id]
        """

    @Test("a job that fails unseen is a line with its request, a number of its pool, and a span")
    func failures() async throws {
        let (metrics, tracer) = (TestMetrics(), InMemoryTracer())
        let logs = try await withMetricsFactory(metrics) {
            try await withTracer(tracer) {
                try await TestApplication.run(yaml: Self.yaml) { app in
                    app.router.get("/orders/{id}") { _, context in
                        try context.pool.submit(named: "print") { throw Broken() }
                        return .text("accepted")
                    }
                } _: { app in
                    let response = try await app.request("GET /orders/7", headers: ["x-request-id": "r-1"])
                    #expect(response.body == "accepted")
                    #expect(await isSoon { metrics.counterTotal(label: "baton.jobs.unseen") == 1 })
                    #expect(await isSoon { !metrics.recorders(label: "baton.jobs.waiting").isEmpty })
                    return app.logs
                }
            }
        }
        let lines = logs.lines.filter { $0.level == .error }
        #expect(lines.map(\.message) == ["a job failed, and nobody asked for its outcome"])
        #expect(lines.first?.metadata["request-id"] == "r-1")
        #expect(lines.first?.metadata["route"] == "/orders/{id}")
        #expect(lines.first?.metadata["submitted-at"]?.hasPrefix("BatonTests/ObservedPoolTests.swift:") == true)
        let failed = [("pool", "pool"), ("job", "print"), ("result", "failed")]
        #expect(try metrics.expectTimer("baton.jobs.run", failed).values.count == 1)
        #expect(tracer.finishedSpans.map(\.operationName) == ["print"])
        #expect(tracer.finishedSpans.first?.errors.first?.error is Broken)
    }

    @Test("when a handler takes too long its client gets 504, and its job that waits for a worker never begins")
    func handlerTimeout() async throws {
        let go = Gate()
        let began = Mutex(false)
        let remaining = Mutex<Duration?>(nil)
        let yaml = """
            server: {loops: 1, timeouts: {handler: 200ms}}
            pool: {workers: 1}
            """
        let outcome = Mutex<Future<Void>?>(nil)
        try await TestApplication.run(yaml: yaml) { app in
            app.router.get("/slow") { _, context in
                try context.pool.submit(.detached) { go.wait() }
                let future = try context.pool.submit { began.withLock { $0 = true } }
                outcome.withLock { $0 = future }
                remaining.withLock { $0 = context.timeRemaining }
                try await future.value
                return .text("too late")
            }
        } _: { app in
            let response = try await app.request("GET /slow")
            #expect(response.status == 504)
            go.open()
            let future = try #require(outcome.withLock { $0 })
            let error = await #expect(throws: ContextPoolError.self) { try await future.value }
            #expect(error?.code == .requestCancelled || error?.code == .deadlinePassed)
        }
        #expect(!began.withLock { $0 })
        let limit = try #require(remaining.withLock { $0 })
        #expect(limit > .zero && limit <= .milliseconds(200))
    }
}
