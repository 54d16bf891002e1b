import Synchronization
import TestSupport
import Testing

@testable import ContextPool

@Suite("Workers", .timeLimit(.minutes(1)))
struct WorkerTests {
    @Test("CF41: each worker is prepared before its first job, and so is the one that replaces a dead one")
    func workersArePrepared() async throws {
        let prepared = Record<String>()
        let pool = try ContextPool(workers: 3, name: "ready", prepareWorker: { prepared.append(currentThreadName()) })
        let all = Turnstile()
        let release = Gate()
        let futures = try (0..<3)
            .map { _ in
                try pool.submit {
                    all.pass()
                    release.wait()
                    return prepared.elements.contains(currentThreadName())
                }
            }
        await all.reached(3)
        release.open()
        for future in futures { #expect(try await future.boundedValue) }
        #expect(prepared.elements.sorted() == ["ready-1", "ready-2", "ready-3"])
        #expect(await (try pool.submit { exitThread() }).settled.poolErrorCode == .workerDied)
        await eventually { prepared.elements.count == 4 }
    }

    @Test("CF42: where preparing fails, jobs that wait fail and new ones are refused, with the reason")
    func preparingFails() async throws {
        let go = Gate()
        let pool = try ContextPool(
            workers: 2,
            prepareWorker: {
                go.wait()
                throw Broken(reason: "no database")
            }
        )
        let waiting = try pool.submit { 1 }
        go.open()
        let error = try #require(await waiting.settled.error as? ContextPoolError)
        #expect(error.code == .initializerFailed)
        #expect(error.description.contains("no database"))
        #expect(throws: error) { try pool.submit { 2 } }
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("a canary finds what a job has left on its worker, and names it")
    func canaryFindsLeaks() async throws {
        let observer = Recorder()
        let dirty = Mutex(false)
        let propagator = ContextPropagator(name: "locale", isClear: { !dirty.withLock { $0 } }, capture: { nil })
        let canary = LeakCanary(propagators: [propagator], observer: observer, stopsDebugBuilds: false)
        let queue = JobQueue(pool: "leaky", limit: 10, workers: 1, observer: observer)
        let pool = ContextPool(name: "leaky", queue: queue, workers: 1)
        try Worker.start(name: "leaky", number: 0, queue: queue, prepare: nil, canary: canary)
        try await pool.submit(named: "clean") {}.boundedValue
        try await pool.submit(named: "dirty") { dirty.withLock { $0 = true } }.boundedValue
        await eventually { canary.count == 1 }
        dirty.withLock { $0 = false }
        try await pool.submit(named: "next") {}.boundedValue
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(canary.count == 1)
        #expect(observer.events.contains("leak locale after dirty"))
    }

    @Test("a canary asks each worker before its first job, when there is nothing that one could have left")
    func canariesSettleIn() async throws {
        let (asked, first) = (Turnstile(), Turnstile())
        let propagator = ContextPropagator(
            name: "locale",
            isClear: {
                asked.pass()
                return true
            },
            capture: { nil }
        )
        let pool = try ContextPool(workers: 2, propagators: [propagator], prepareWorker: { first.pass() })
        await asked.reached(2)
        #expect(first.count == 2)
        #expect(pool.contextLeaks == 0)
    }

    @Test("OB12: a worker that replaces a dead one inside a request inherits nothing of it")
    func replacementsAreClean() async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool)
        let dying = try RequestContext.withCurrent(request) {
            try Ambient.$tenant.withValue("ann's") { try pool.submit { exitThread() } }
        }
        #expect(await dying.settled.poolErrorCode == .workerDied)
        #expect(try await pool.submit { RequestContext.current == nil && Ambient.tenant == "no tenant" }.boundedValue)
    }
}
