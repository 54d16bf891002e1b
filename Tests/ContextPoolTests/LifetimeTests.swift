import TestSupport
import Testing

@testable import ContextPool

/// Nothing is kept alive by a pool, a future or a job for longer than it needs it.
@Suite("Lifetimes", .timeLimit(.minutes(1)))
struct LifetimeTests {
    @Test("CF9, OB9: after a job its closure and its request's values are let go", arguments: Lane.allCases)
    func finishedJobsLetGo(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let (closureDies, valueDies) = (Gate(), Gate())
        let future = try submitHoldingMortals(lane, pool, closureDies, valueDies)
        try await future.boundedValue
        await closureDies.opened()
        await valueDies.opened()
        withExtendedLifetime(future) {}
    }

    @Test("a job that throws lets go all the same", arguments: Lane.allCases)
    func failedJobsLetGo(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let (closureDies, valueDies) = (Gate(), Gate())
        let future = try submitHoldingMortals(lane, pool, closureDies, valueDies, throwing: true)
        #expect(await future.settled.error is Broken)
        await closureDies.opened()
        await valueDies.opened()
        withExtendedLifetime(future) {}
    }

    @Test("a cancelled closure is let go at once, though every worker is busy")
    func cancelledJobsLetGo() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let (closureDies, valueDies) = (Gate(), Gate())
        let future = try submitHoldingMortals(.closure, pool, closureDies, valueDies)
        #expect(!closureDies.isOpen)
        future.cancel()
        #expect(closureDies.isOpen)
        #expect(valueDies.isOpen)
        plug.release.open()
    }

    @Test("a refused job is let go, in every way to be refused", arguments: Lane.allCases)
    func refusedJobsLetGo(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1)
        let plug = try await Plug(pool)
        let (waitingClosureDies, waitingValueDies) = (Gate(), Gate())
        let waiting = try submitHoldingMortals(lane, pool, waitingClosureDies, waitingValueDies)
        let (closureDies, valueDies) = (Gate(), Gate())
        #expect(throws: ContextPoolError.self) { try submitHoldingMortals(lane, pool, closureDies, valueDies) }
        #expect(closureDies.isOpen)
        #expect(valueDies.isOpen)
        await pool.shutDown(.cancelPending, within: .zero)
        plug.release.open()
        await pool.shutDown(within: patience)
        await waitingClosureDies.opened()
        await waitingValueDies.opened()
        withExtendedLifetime(waiting) {}
    }

    @Test("OB9: future, application, request and pool die when the last job has ended", arguments: Lane.allCases)
    func everythingDies(lane: Lane) async throws {
        let dies = Gate()
        func run() async throws -> (Weak<ContextPool>, Weak<AppContext>, Weak<RequestContext>, Weak<Future<Void>>) {
            let pool = try ContextPool(workers: 2)
            let request = RequestContext.make(pool: pool)
            request.g.mortal = Mortal(dies)
            let future = try RequestContext.withCurrent(request) { try lane.submit(to: pool) {} }
            future.whenComplete { _ in }
            try await future.boundedValue
            request.tearDown()
            await pool.shutDown(within: patience)
            return (Weak(pool), Weak(request.app), Weak(request), Weak(future))
        }
        let (pool, app, request, future) = try await run()
        await dies.opened()
        #expect(request.object == nil)
        // The last worker or task lets go of them a moment after it told of its end.
        await eventually { future.object == nil && pool.object == nil && app.object == nil }
    }

    @Test("a pool that is dropped finishes its jobs and lets its threads go")
    func droppedPoolsFinish() async throws {
        let release = Gate()
        func submit() throws -> [Future<Int>] {
            let pool = try ContextPool(workers: 3, name: "dropped")
            return try (0..<9)
                .map { number in
                    try pool.submit {
                        release.wait()
                        return number
                    }
                }
        }
        let futures = try submit()
        await eventually { threadCount(named: "dropped") == 3 }
        release.open()
        for (number, future) in futures.enumerated() { #expect(try await future.boundedValue == number) }
        await eventually { threadCount(named: "dropped") == 0 }
    }

    @Test("the threads of a pool that was shut down end, busy or idle")
    func threadsOfAClosedPoolEnd() async throws {
        for round in 0..<10 {
            let pool = try ContextPool(workers: 4, name: "shut-\(round)-")
            let allIdle = Turnstile()
            for _ in 0..<4 { try pool.submit { allIdle.pass() } }
            await allIdle.reached(4)
            await eventually { threadCount(named: "shut-\(round)-") == 4 }
            #expect(await pool.shutDown(within: patience).unfinished == 0)
            await eventually { threadCount(named: "shut-\(round)-") == 0 }
        }
    }

    @Test("a pool may die on its own worker", arguments: Lane.allCases)
    func poolsMayDieOnTheirOwnWorker(lane: Lane) async throws {
        let dies = Gate()
        let release = Gate()
        func submit() throws -> Future<Void> {
            let mortal = Mortal(dies)
            let propagator = ContextPropagator(name: "mortal") {
                withExtendedLifetime(mortal) {}
                return nil
            }
            let pool = try ContextPool(workers: 1, propagators: [propagator])
            return try lane.submit(to: pool) {
                release.wait()
                withExtendedLifetime(pool) {}
            }
        }
        let future = try submit()
        // From here on the job alone holds the pool.
        release.open()
        try await future.boundedValue
        _ = consume future
        await dies.opened()
    }

    @Test("a value may read its request while it dies")
    func valuesMayReadTheirRequestWhileTheyDie() throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool)
        let seen = Record<String>()
        request.g[FarewellKey.self] = Farewell { [weak request] in seen.append(request?.g.user ?? "no request") }
        request.g[FarewellKey.self] = nil
        #expect(seen.elements == ["ann"])
        request.g[FarewellKey.self] = Farewell { [weak request] in seen.append(request?.g.user ?? "no request") }
        request.g = ContextValues()
        #expect(seen.elements == ["ann", "nobody"])
        request.g[FarewellKey.self] = Farewell { [weak request] in seen.append(request?.g.user ?? "no request") }
        request.updateValues { $0[FarewellKey.self] = nil }
        #expect(seen.elements == ["ann", "nobody", "nobody"])
    }

    @discardableResult
    private func submitHoldingMortals(
        _ lane: Lane,
        _ pool: ContextPool,
        _ closureDies: Gate,
        _ valueDies: Gate,
        throwing: Bool = false
    ) throws -> Future<Void> {
        let request = RequestContext.make(pool: pool)
        request.g.mortal = Mortal(valueDies)
        let mortal = Mortal(closureDies)
        return try RequestContext.withCurrent(request) {
            try lane.submit(to: pool) {
                try withExtendedLifetime(mortal) { if throwing { throw Broken() } }
            }
        }
    }
}

private enum FarewellKey: ContextKey {
    static let name = "farewell"
    static let defaultValue: Farewell? = nil
}
