import ContextPool
import Middleware
import TestSupport
import Testing
import Tracing

@Suite struct ContextPropagatorTraceTests {
    private enum BaggageKey: ServiceContextKey {
        typealias Value = String
    }

    private func baggage() -> ServiceContext {
        var baggage = ServiceContext.topLevel
        baggage[BaggageKey.self] = "ann"
        return baggage
    }

    @Test func `the trace context is in both lanes what it was at submit, also by a selection that names it`()
        async throws
    {
        let pool = try ContextPool(workers: 1, propagators: [.trace])
        for selection in [ContextSelection.all, try .only(propagators: ["trace"])] {
            let (plain, async) = try ServiceContext.$current.withValue(baggage()) {
                (
                    try pool.submit(context: selection) { ServiceContext.current?[BaggageKey.self] },
                    try pool.submit(context: selection) { () async throws -> String? in
                        await Task.yield()
                        return ServiceContext.current?[BaggageKey.self]
                    }
                )
            }
            #expect(try await plain.value == "ann")
            #expect(try await async.value == "ann")
        }
    }

    @Test func `a selection leaves it behind, and nothing of it stays on the worker`() async throws {
        let pool = try ContextPool(workers: 1, propagators: [.trace])
        let selection = try ContextSelection.except(propagators: ["trace"])
        let (plain, async) = try ServiceContext.$current.withValue(baggage()) {
            (
                try pool.submit(context: selection) { ServiceContext.current == nil },
                try pool.submit(context: selection) { () async throws -> Bool in ServiceContext.current == nil }
            )
        }
        #expect(try await plain.value)
        #expect(try await async.value)
        try await ServiceContext.$current.withValue(baggage()) { try await pool.submit {}.value }
        #expect(try await pool.submit { ServiceContext.current == nil }.value)
        #expect(pool.contextLeaks == 0)
        #expect(ContextPropagator.trace.isClear?() == true)
        #expect(ServiceContext.$current.withValue(baggage()) { ContextPropagator.trace.isClear?() } == false)
    }
}
