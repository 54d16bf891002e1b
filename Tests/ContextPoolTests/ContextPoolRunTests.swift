import TestSupport
import Testing

@testable import ContextPool

@Suite("ContextPool.run", .timeLimit(.minutes(1)))
struct ContextPoolRunTests {
    @Test("it is the same task and the same context, on a worker also after an await; and then it is back")
    func sameTaskOnAWorker() async throws {
        let pool = try ContextPool(workers: 1, name: "inside")
        let home = try ContextPool(workers: 1, name: "home")
        let request = RequestContext.make(pool: pool)
        let seen = try await Task(executorPreference: home) {
            try await RequestContext.withCurrent(request) {
                try await Ambient.$tenant.withValue("acme") {
                    let inside = try await pool.run {
                        let before = currentThreadName()
                        await Task.yield()
                        request.g.user = "carl"
                        return [before, currentThreadName(), Ambient.tenant, "\(RequestContext.current === request)"]
                    }
                    return inside + [currentThreadName(), request.g.user]
                }
            }
        }
        .value
        #expect(seen == ["inside-1", "inside-1", "acme", "true", "home-1", "carl"])
        #expect(pool.queue.unfinished == 0)
    }

    @Test("what it throws comes out as it is")
    func errorsComeOut() async throws {
        let pool = try ContextPool(workers: 1)
        await #expect(throws: Broken()) { try await pool.run { throw Broken() } }
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("a full pool refuses, and so does one that is shut down")
    func fullPoolsRefuse() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1)
        let plug = try await Plug(pool)
        let waiting = Task { try await pool.run { 1 } }
        await eventually { pool.queue.unfinished == 2 }
        await #expect(throws: ContextPoolError.queueFull(pool: "pool", limit: 1)) { try await pool.run { 2 } }
        #expect(throws: ContextPoolError.self) { try pool.submit {} }
        plug.release.open()
        #expect(try await waiting.value == 1)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        await #expect(throws: ContextPoolError.shutDown(pool: "pool")) { try await pool.run { 3 } }
    }

    @Test("one that waits when the pool shuts down does not run, one that runs finishes on the workers")
    func shutDownRefusesTheWaiting() async throws {
        let pool = try ContextPool(workers: 1, name: "closing")
        let (runs, go) = (Gate(), Gate())
        let running = Task {
            try await pool.run {
                runs.open()
                await go.opened()
                return currentThreadName()
            }
        }
        await runs.opened()
        let plug = try await Plug(pool)
        let waiting = Task { try await pool.run { 1 } }
        await eventually { pool.queue.unfinished == 3 }
        #expect(await pool.shutDown(.cancelPending, within: .zero).unfinished == 2)
        plug.release.open()
        #expect(await waiting.result.poolErrorCode == .shutDown)
        go.open()
        #expect(try await running.value == "closing-1")
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("cancelling the task frees its place while it waits, and is seen by what runs")
    func cancellingReachesIt() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1)
        let plug = try await Plug(pool)
        let ran = Turnstile()
        let waiting = Task { try await pool.run { ran.pass() } }
        await eventually { pool.queue.unfinished == 2 }
        waiting.cancel()
        #expect(pool.queue.unfinished == 1)
        let next = try pool.submit { 1 }
        plug.release.open()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(try await next.boundedValue == 1)
        #expect(ran.count == 0)
        let (runs, go) = (Gate(), Gate())
        let running = Task {
            try await pool.run {
                runs.open()
                await go.opened()
                return Task.isCancelled
            }
        }
        await runs.opened()
        running.cancel()
        go.open()
        #expect(try await running.value)
        let late = Task {
            await go.opened()
            return try await pool.run { ran.pass() }
        }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(ran.count == 0)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("a run within a run, and a job awaited in it, need no second worker")
    func nestingNeedsNoSecondWorker() async throws {
        let pool = try ContextPool(workers: 1)
        let sum = try await pool.run {
            let inner = try await pool.run { 1 }
            return inner + (try await pool.submit { 2 }.value)
        }
        #expect(sum == 3)
    }

    @Test("a job that shuts its own pool down is told how many are left, and does not wait for itself")
    func shuttingDownFromInside() async throws {
        let pool = try ContextPool(workers: 1)
        let job = try pool.submit { () async throws -> Int in await pool.shutDown(within: patience).unfinished }
        #expect(try await job.boundedValue == 1)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        let other = try ContextPool(workers: 1)
        #expect(try await other.run { await other.shutDown(within: patience).unfinished } == 1)
        #expect(await other.shutDown(within: patience).unfinished == 0)
        let third = try ContextPool(workers: 1)
        #expect(
            try await third.run { await pool.shutDown(within: patience).unfinished } == 0,
            "another pool's is waited for"
        )
    }

    @Test("begin, cancel and shutDown may race: every run ends, and nothing is counted twice")
    func everythingMayRace() async throws {
        for round in 0..<30 {
            let pool = try ContextPool(workers: 2, queueLimit: 100)
            let ran = Turnstile()
            let tasks = (0..<50)
                .map { _ in
                    Task {
                        try await pool.run {
                            ran.pass()
                            await Task.yield()
                        }
                    }
                }
            let outcomes = await withTaskGroup(of: Int.self) { group in
                group.addTask {
                    for task in tasks where round.isMultiple(of: 3) { task.cancel() }
                    if round.isMultiple(of: 2) { await pool.shutDown(.cancelPending, within: patience) }
                    return 0
                }
                for task in tasks {
                    group.addTask { if case .success = await task.result { 1 } else { 0 } }
                }
                return await group.reduce(0, +)
            }
            #expect(ran.count == outcomes)
            #expect(await pool.shutDown(within: patience).unfinished == 0)
            #expect(pool.queue.unfinished == 0)
        }
    }

    @Test("a pool.run that is dropped is described with the values of its own request")
    func aDroppedVisitIsDescribedWithItsOwnValues() async throws {
        let users = Record<String>()
        struct Watch: ContextPoolObserver {
            let users: Record<String>
            func jobNeverRan(_ job: JobInfo, _ reason: any Error, waited: Duration) { users.append(job.values.user) }
        }
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .dropOldest, observer: Watch(users: users))
        let plug = try await Plug(pool)
        let ann = RequestContext.make(pool: pool, user: "ann")
        let bob = RequestContext.make(pool: pool, user: "bob")
        let visit = Task { try await RequestContext.withCurrent(ann) { try await pool.run { 1 } } }
        await eventually { pool.waitingJobs == 1 }
        _ = try RequestContext.withCurrent(bob) { try pool.submit { 2 } }
        plug.release.open()
        _ = await visit.result
        #expect(users.elements == ["ann"])
    }

    @Test("a pool.run is told of cancelAll")
    func aVisitIsToldOfCancelAll() async throws {
        let pool = try ContextPool(workers: 1)
        let (started, go) = (Gate(), Gate())
        let visit = Task {
            try await pool.run { () -> Bool in
                started.open()
                await go.opened()
                return CurrentJob.isCancelled
            }
        }
        await started.opened()
        let end = Task { await pool.shutDown(.cancelAll, within: patience) }
        await eventually { pool.queue.state.withLock { $0.phase != .open && $0.closers.count == 1 } }
        go.open()
        #expect(try await visit.value)
        _ = await end.value
    }

    @Test("an observer hears of a run that is refused, and nothing else of it")
    func refusalsAreObserved() async throws {
        struct Watch: ContextPoolObserver {
            let events = Record<String>()
            func submissionRefused(_ job: JobInfo, _ error: ContextPoolError) {
                events.append("\(job.values.user) \(error.code)")
            }
            func jobNeverRan(_ job: JobInfo, _ reason: any Error, waited: Duration) { events.append("never ran") }
            func visitEnded(_ visit: JobInfo, _ run: JobRun) { events.append("ended") }
        }
        let watch = Watch()
        let pool = try ContextPool(workers: 1, queueLimit: 1, observer: watch)
        let plug = try await Plug(pool)
        try pool.submit {}
        @Sendable func run(_ user: String) async throws {
            try await RequestContext.withCurrent(.make(pool: pool, user: user)) { try await pool.run {} }
        }
        await #expect(throws: ContextPoolError.queueFull(pool: "pool", limit: 1)) { try await run("ann") }
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        await #expect(throws: ContextPoolError.shutDown(pool: "pool")) { try await run("bob") }
        #expect(watch.events.elements == ["ann queueFull", "bob shutDown"])
    }

    @Test("an observer hears once of the end of each run that has begun, in whichever way it ends")
    func endsAreObserved() async throws {
        struct Watch: ContextPoolObserver {
            let ends = Record<String>()
            func visitEnded(_ visit: JobInfo, _ run: JobRun) {
                let code = (run.error as? ContextPoolError)?.code.description
                ends.append("\(visit.values.user) \(code ?? run.error.map { "\(type(of: $0))" } ?? "value")")
            }
        }
        let watch = Watch()
        let pool = try ContextPool(workers: 1, observer: watch)
        @Sendable func run(_ user: String, _ body: @escaping @Sendable () async throws -> Void) -> Task<Void, any Error>
        {
            Task { try await RequestContext.withCurrent(.make(pool: pool, user: user)) { try await pool.run(body) } }
        }
        _ = await run("ann") { await Task.yield() }.result
        _ = await run("bob") { throw Broken() }.result
        let (runs, go) = (Gate(), Gate())
        let cancelled = run("carl") {
            runs.open()
            await go.opened()
            try Task.checkCancellation()
        }
        await runs.opened()
        cancelled.cancel()
        go.open()
        _ = await cancelled.result
        // Nobody comes back from there.
        _ = run("dora") { exitThread() }
        await eventually { watch.ends.elements.count == 4 }
        let (stays, ends) = (Gate(), Gate())
        let left = run("eve") {
            stays.open()
            await ends.opened()
        }
        await stays.opened()
        let plug = try await Plug(pool)
        let waiting = run("finn") {}
        await eventually { pool.queue.unfinished == 3 }
        #expect(await pool.shutDown(.cancelPending, within: .zero).unfinished == 2)
        _ = await waiting.result
        plug.release.open()
        ends.open()
        _ = await left.result
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        let expected = ["ann value", "bob Broken", "carl CancellationError", "dora workerDied", "eve value"]
        #expect(watch.ends.elements == expected)
    }
}
