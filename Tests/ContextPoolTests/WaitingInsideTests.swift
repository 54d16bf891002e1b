import Glibc
import Synchronization
import TestSupport
import Testing

@testable import ContextPool

/// Law 12, on pools whose workers all wait.
@Suite("Law 12: waiting inside the pool", .timeLimit(.minutes(1)))
struct WaitingInsideTests {
    @Test("a worker that begins to wait takes no signal away from one that sleeps")
    func signalsReachSleepers() async throws {
        let pool = try ContextPool(workers: 2)
        let (begun, mayWait) = (Gate(), Gate())
        let late = Future<Int>.promise()
        let waiter = try pool.submit {
            begun.open()
            mayWait.wait()
            _ = try? late.wait(timeout: patience)
        }
        await begun.opened()
        await eventually { pool.queue.state.withLock { $0.sleeping } == 1 }
        // What `admit` does, up to the moment before it signals.
        pool.queue.state.withLock { state in
            state.unfinished += 1
            state.lanes.append(TestJob(1, pool.queue))
            _ = state.wake()
        }
        mayWait.open()
        await eventually { pool.queue.state.withLock { $0.isEmpty } }
        late.cancel()
        _ = try await waiter.boundedValue
    }

    @Test("Law 12, OB7: a job of a pool with one worker waits for another one", arguments: Lane.allCases)
    func oneWorker(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let outer = try pool.submit { try lane.submit(to: pool) { 1 }.wait(timeout: patience) + 1 }
        #expect(try await outer.boundedValue == 2)
    }

    @Test("Law 12: jobs that wait twenty deep, in every pool from one worker to four", arguments: 1...4)
    func nested(_ workers: Int) async throws {
        let pool = try ContextPool(workers: workers)
        @Sendable func descend(_ depth: Int) throws -> Int {
            depth == 0 ? 0 : try pool.submit { try descend(depth - 1) }.wait(timeout: patience) + 1
        }
        let futures = try (0..<8).map { _ in try pool.submit { try descend(20) } }
        for future in futures { #expect(try await future.boundedValue == 20) }
    }

    @Test("Law 12: too deep is an error, and no end of the stack")
    func tooDeep() async throws {
        let pool = try ContextPool(workers: 2, queueLimit: 100_000)
        @Sendable func descend(_ depth: Int) throws -> Int {
            depth == 0 ? 0 : try pool.submit { try descend(depth - 1) }.wait(timeout: patience) + 1
        }
        let future = try pool.submit { try descend(10_000) }
        #expect(await future.settled.poolErrorCode == .wouldDeadlock)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("Law 12: what a waiting job waits for may need other queued jobs, though it does not name them")
    func indirectWaits() async throws {
        let pool = try ContextPool(workers: 1)
        let outer = try pool.submit {
            let reached = Gate()
            try pool.submit { reached.open() }
            // Suspended until the other job has opened the gate: no future leads from one to the other.
            let asynchronous = try pool.submit { () async throws -> Int in
                await reached.opened()
                return 5
            }
            return try asynchronous.wait(timeout: patience)
        }
        #expect(try await outer.boundedValue == 5)
    }

    @Test("Law 12: a job that is run inside of another sees its own context, and nothing of the other's")
    func contextsStayApart() async throws {
        let pool = try ContextPool(workers: 1, propagators: [.taskLocal(Ambient.$trace, name: "trace")])
        let (ann, bob) = (RequestContext.make(pool: pool, user: "ann"), RequestContext.make(pool: pool, user: "bob"))
        let plug = try await Plug(pool)
        let none = try pool.submit { [RequestContext.current?.g.user, Ambient.tenant, Ambient.trace] }
        let bobs = try RequestContext.withCurrent(bob) {
            try Ambient.$trace.withValue("bob's trace") {
                try pool.submit { [RequestContext.current?.g.user, Ambient.tenant, Ambient.trace] }
            }
        }
        let anns = try RequestContext.withCurrent(ann) {
            try pool.submit {
                try Ambient.$tenant.withValue("ann's tenant") {
                    let seen = [try bobs.wait(timeout: patience), try none.wait(timeout: patience)]
                    return (seen, [RequestContext.current?.g.user, Ambient.tenant])
                }
            }
        }
        plug.release.open()
        let (seen, after) = try await anns.boundedValue
        #expect(seen[0] == ["bob", "no tenant", "bob's trace"])
        #expect(seen[1] == [nil, "no tenant", "no trace"])
        #expect(after == ["ann", "ann's tenant"])
        #expect(pool.contextLeaks == 0)
    }

    @Test("Law 12: a job that waits for itself gets an error")
    func waitingForOneself() async throws {
        let pool = try ContextPool(workers: 2)
        let itself = Mutex<Future<Int>?>(nil)
        let known = Gate()
        let future = try pool.submit {
            known.wait()
            return try itself.withLock { $0 }?.wait(timeout: patience) ?? 0
        }
        itself.withLock { $0 = future }
        known.open()
        #expect(await future.settled.poolErrorCode == .wouldDeadlock)
        itself.withLock { $0 = nil }
    }

    @Test("Law 12: of two jobs that wait for each other one gets an error, and the other its value")
    func waitingInACircle() async throws {
        let pool = try ContextPool(workers: 2)
        let futures = Mutex<[Future<Int>]>([])
        let known = Gate()
        let both = Turnstile()
        for other in [1, 0] {
            let future = try pool.submit { () -> Int in
                both.pass()
                known.wait()
                let future = futures.withLock { $0[other] }
                do {
                    return try future.wait(timeout: patience)
                } catch let error as ContextPoolError where error.code == .wouldDeadlock {
                    return 7
                }
            }
            futures.withLock { $0.append(future) }
        }
        await both.reached(2)
        known.open()
        for future in futures.withLock({ $0 }) { #expect(try await future.boundedValue == 7) }
        futures.withLock { $0 = [] }
    }

    @Test("Law 12: a worker that waits leaves the work to others who are free")
    func othersGoFirst() async throws {
        let pool = try ContextPool(workers: 2, name: "two")
        let (started, release) = (Gate(), Gate())
        let long = try pool.submit {
            started.open()
            release.wait()
            return 1
        }
        await started.opened()
        let waiter = try pool.submit { (try long.wait(timeout: patience), currentThreadName()) }
        await eventually { pool.queue.state.withLock { $0.waits.count == 1 } }
        release.open()
        #expect(try await waiter.boundedValue.0 == 1)
    }

    @Test(
        "a wait inside the pool that is too long is given up, in time and again",
        arguments: [Duration.zero, .milliseconds(5)]
    )
    func timeouts(_ timeout: Duration) async throws {
        let pool = try ContextPool(workers: 2)
        let plug = try await Plug(pool)
        let waiter = try pool.submit {
            for _ in 0..<10 {
                #expect(throws: ContextPoolError.timedOut(after: timeout)) { try plug.future.wait(timeout: timeout) }
            }
        }
        try await waiter.boundedValue
        plug.release.open()
        #expect(pool.queue.state.withLock { $0.waits.isEmpty })
    }

    @Test("a worker that dies inside of nested jobs fails all of them, and is replaced")
    func dyingInside() async throws {
        let pool = try ContextPool(workers: 1)
        let outer = try pool.submit { try pool.submit { () -> Int in exitThread() }.wait(timeout: patience) }
        #expect(await outer.settled.poolErrorCode == .workerDied)
        #expect(try await pool.submit { 3 }.boundedValue == 3)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("on an event loop waiting is refused; what is complete already may be looked at")
    func eventLoops() async throws {
        let pool = try ContextPool(workers: 1)
        let done = Future<Int>.completed(.success(3))
        let plug = try await Plug(pool)
        let inJob = try await onThread {
            EventLoopThread.markCurrent()
            for timeout in [Duration?.some(.zero), nil] {
                let error = #expect(throws: ContextPoolError.self) { try plug.future.wait(timeout: timeout) }
                #expect(error == .wouldBlockLoop)
            }
            #expect(try done.wait() == 3)
            return try pool.submit { try pool.submit { 4 }.wait(timeout: patience) }
        }
        plug.release.open()
        #expect(try await inJob.boundedValue == 4)
    }

    @Test("what stands in for an event loop is refused as well; its jobs are not, nor are other threads")
    func standIns() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let inJob =
            try await EventLoopThread.standingIn { () async -> Result<[Future<Int>], any Error> in
                await Task.yield()
                let error = look(at: plug.future)
                #expect(error == .wouldBlockLoop)
                return Result {
                    try Lane.allCases.map { lane in
                        try lane.submit(to: pool) { try pool.submit { 4 }.wait(timeout: patience) }
                    }
                }
            }
            .get()
        plug.release.open()
        for future in inJob { #expect(try await future.boundedValue == 4) }
        #expect(look(at: plug.future) == nil)
    }

    private func look(at future: Future<Void>) -> ContextPoolError? {
        do { try future.wait(timeout: patience) } catch { return error as? ContextPoolError }
        return nil
    }

    @Test("jobs of two pools that wait for each other's queued jobs do not hang")
    func twoPools() async throws {
        let (one, two) = (try ContextPool(workers: 1, name: "one"), try ContextPool(workers: 1, name: "two"))
        let future = try one.submit {
            try two.submit { try one.submit { 1 }.wait(timeout: patience) + 1 }.wait(timeout: patience) + 1
        }
        #expect(try await future.boundedValue == 3)
    }

    @Test("many jobs that wait for many others, in a pool that is always full: all end", arguments: 1...3)
    func storm(_ workers: Int) async throws {
        let pool = try ContextPool(workers: workers, queueLimit: 10_000)
        let futures = try (0..<200)
            .map { number in
                try pool.submit {
                    let lane: Lane = number.isMultiple(of: 2) ? .closure : .async
                    let inner = try (0..<5).map { item in try lane.submit(to: pool) { item } }
                    return try inner.reduce(0) { try $0 + $1.wait(timeout: patience) }
                }
            }
        for future in futures { #expect(try await future.boundedValue == 10) }
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("Law 12: a worker that waits takes over when the last free one is lost")
    func aLostWorkerWakesThoseWhoWait() async throws {
        let pool = try ContextPool(workers: 2)
        let (began, dies) = (Gate(), Gate())
        let other = try pool.submit {
            began.open()
            dies.wait()
        }
        await began.opened()
        let waiter = try pool.submit {
            // Not named, so it is not run by name.
            try Future.all([try pool.submit { 5 }]).wait(timeout: patience)[0]
        }
        await eventually { pool.queue.state.withLock { $0.waits.count == 1 && $0.lanes.count == 1 } }
        // As though the other's thread had ended, and there were none in its place.
        pool.queue.workerLost()
        #expect(try await waiter.boundedValue == 5)
        dies.open()
        _ = await other.settled
    }

    @Test("a completion that falls between a waiting worker's look and its sleep wakes it")
    func noWakeUpIsLost() async throws {
        let pool = try ContextPool(workers: 2)
        let took = try pool.submit { () -> Duration in
            let worker = try #require(Worker.current)
            let (isTold, looked, flag) = (Gate(), Gate(), Gate())
            let start = ContinuousClock.now
            var looks = 0
            try PlatformThread.start(name: "teller") {
                looked.wait()
                flag.open()
                pool.queue.wakeWaiting()
                isTold.open()
            } atEnd: { _ in
            }
            _ = pool.queue.wait(as: worker, mayRun: false, timeout: .seconds(5)) {
                let value = flag.isOpen
                looks += 1
                if looks == 1 {
                    looked.open()
                    let end = ContinuousClock.now + .milliseconds(200)
                    while !isTold.isOpen, ContinuousClock.now < end { sched_yield() }
                }
                return value
            }
            return ContinuousClock.now - start
        }
        #expect(try await took.boundedValue < .seconds(3))
    }

    @Test("a wait with the timeout zero runs nothing")
    func zeroOnlyLooks() async throws {
        let pool = try ContextPool(workers: 1)
        let ran = try pool.submit { () -> [Bool] in
            let inner = try pool.submit { 1 }
            let value = try? inner.wait(timeout: .zero)
            return [value == nil, inner.isFinished]
        }
        #expect(try await ran.boundedValue == [true, false])
    }

    @Test("tasks that prefer the pool and wait in it are bounded in depth")
    func plainTasksThatWaitDoNotRunOutOfStack() async throws {
        let pool = try ContextPool(workers: 1)
        let promise = Future<Int>.promise(home: pool.home)
        @Sendable func waits() -> Int? { try? promise.wait(timeout: patience) }
        let tasks = (0..<20_000).map { _ in Task(executorPreference: pool) { waits() } }
        await eventually { pool.queue.state.withLock { $0.waits.count == 1 && $0.isEmpty } }
        promise.complete(.success(1))
        for task in tasks { _ = await task.value }
    }

    @Test("a job that is refused where it is run nested leaves no trace in the queue", arguments: Lane.allCases)
    func refusedNestedLeaksNothing(lane: Lane) async throws {
        let time = ManualClock()
        let queue = JobQueue(pool: "q", limit: 10, workers: 1, clock: time.clock)
        let pool = ContextPool(name: "q", queue: queue, workers: 1)
        try Worker.start(name: "q-1", number: 0, queue: queue, prepare: nil, canary: pool.canary)
        let request = RequestContext(app: AppContext(name: "t", pool: pool), within: .seconds(1))
        let code = try pool.submit { () -> ContextPoolError.Code? in
            let inner = try RequestContext.withCurrent(request) { try lane.submit(to: pool) { 1 } }
            time.advance(by: .seconds(2))
            return Result { try inner.wait(timeout: patience) }.poolErrorCode
        }
        #expect(try await code.boundedValue == .deadlinePassed)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(queue.state.withLock { $0.begun.count } == 0)
    }
}
