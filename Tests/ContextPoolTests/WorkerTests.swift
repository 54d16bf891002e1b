import Glibc
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

    @Test("workers wait for their turn on a busy processor, those that replace a dead one too; nobody else does")
    func workersWaitForTheirTurn() async throws {
        let (pool, caller, thread) = try await onThread {
            // It may have inherited another policy from a worker of some other test.
            setPolicy(SCHED_OTHER)
            let pool = try ContextPool(workers: 1)
            try pool.submit {}.wait()
            return (pool, sched_getscheduler(0), try ContextThread.start { sched_getscheduler(0) }.join())
        }
        #expect(caller == SCHED_OTHER)
        #expect(thread == SCHED_OTHER)

        let batch = PlatformThread.batchPolicy
        #expect(try await pool.submit { sched_getscheduler(0) }.boundedValue == batch)
        #expect(try await pool.submit { () async in sched_getscheduler(0) }.boundedValue == batch)
        #expect(await (try pool.submit { exitThread() }).settled.poolErrorCode == .workerDied)
        #expect(try await pool.submit { sched_getscheduler(0) }.boundedValue == batch)
    }

    @Test("a thread for which somebody has chosen a policy keeps it")
    func chosenPoliciesStay() async throws {
        // SCHED_IDLE, the one other policy that needs no privilege; Swift's Glibc module leaves it out.
        let idle: Int32 = 5
        let kept = try await onThread {
            try ContextThread.start {
                setPolicy(idle)
                PlatformThread.waitForItsTurn()
                defer { setPolicy(SCHED_OTHER) }
                return sched_getscheduler(0)
            }
            .join()
        }
        #expect(kept == idle)
    }

    @Test("preparing a worker may choose another policy for it")
    func preparingChoosesThePolicy() async throws {
        let pool = try ContextPool(workers: 1, prepareWorker: { setPolicy(SCHED_OTHER) })
        #expect(try await pool.submit { sched_getscheduler(0) }.boundedValue == SCHED_OTHER)
    }

    @Test("an event loop on a thread that a worker has made has the policy of the process, and not that of the worker")
    func loopsInheritNoPolicy() async throws {
        let pool = try ContextPool(workers: 1)
        let (inherited, ofLoop) =
            try await pool.submit {
                try ContextThread.start {
                    let inherited = sched_getscheduler(0)
                    EventLoopThread.markCurrent()
                    return (inherited, sched_getscheduler(0))
                }
                .join()
            }
            .boundedValue
        #expect(inherited == PlatformThread.batchPolicy)
        #expect(ofLoop == sched_getscheduler(getpid()))
    }
}

private func setPolicy(_ policy: Int32) {
    var parameters = sched_param()
    #expect(unsafe sched_setscheduler(0, policy, &parameters) == 0)
}
