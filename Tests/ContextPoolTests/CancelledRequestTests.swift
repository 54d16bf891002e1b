import TestSupport
import Testing

@testable import ContextPool

/// What becomes of the jobs of a request that nobody waits for any more.
@Suite("A cancelled request", .timeLimit(.minutes(1)))
struct CancelledRequestTests {
    @Test(
        "jobs that wait never run, fail with a sentence that says what to do, and free their places",
        arguments: Lane.allCases
    )
    func waitingJobsNeverRun(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 10)
        let plug = try await Plug(pool)
        let request = RequestContext.make(pool: pool)
        let ran = Turnstile()
        let futures = try RequestContext.withCurrent(request) {
            try (0..<10).map { _ in try lane.submit(to: pool) { ran.pass() } }
        }
        #expect(throws: ContextPoolError.self) { try pool.submit {} }
        request.cancel()
        #expect(futures.allSatisfy { $0.isFinished && $0.isCancelled })
        let error = try #require(await futures[9].settled.error as? ContextPoolError)
        #expect(error.code == .requestCancelled)
        #expect(error.description.contains("pool.submit(.detached)"))
        let others = try (0..<10).map { number in try lane.submit(to: pool) { number } }
        plug.release.open()
        for (number, other) in others.enumerated() { #expect(try await other.boundedValue == number) }
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(ran.count == 0)
    }

    @Test("a job that runs sees it, in the job's own context and in that of a job of a job")
    func runningJobsSeeIt() async throws {
        let pool = try ContextPool(workers: 2)
        let request = RequestContext.make(pool: pool)
        let (runs, go) = (Turnstile(), Gate())
        let job = try RequestContext.withCurrent(request) {
            try pool.submit {
                let inner = try pool.submit { () -> [Bool] in
                    let before = try RequestContext.require().isCancelled
                    runs.pass()
                    go.wait()
                    return [before, try RequestContext.require().isCancelled]
                }
                runs.pass()
                go.wait()
                return (inner, try RequestContext.require().isCancelled)
            }
        }
        await runs.reached(2)
        request.cancel()
        go.open()
        let (inner, isCancelled) = try await job.boundedValue
        #expect(isCancelled)
        #expect(try await inner.boundedValue == [false, true])
        #expect(request.isCancelled)
    }

    @Test("the task of an async job that runs is cancelled")
    func runningTasksAreCancelled() async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool)
        let (runs, isTold) = (Gate(), Gate())
        let job = try RequestContext.withCurrent(request) {
            try pool.submit { () async throws -> Bool in
                await withTaskCancellationHandler {
                    runs.open()
                    await isTold.opened()
                } onCancel: {
                    isTold.open()
                }
                return Task.isCancelled
            }
        }
        await runs.opened()
        request.cancel()
        #expect(try await job.boundedValue)
        #expect(!job.isCancelled, "it has begun")
    }

    @Test("detached jobs run all the same, know nothing of it, and submit further ones", arguments: Lane.allCases)
    func detachedJobsRun(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let request = RequestContext.make(pool: pool, user: "bob")
        let job = try RequestContext.withCurrent(request) {
            try pool.submit(.detached) { () throws -> (String, Future<Bool>) in
                let context = try RequestContext.require()
                let further = try lane.submit(to: pool) { try RequestContext.require().isCancelled }
                return ("\(context.g.user) \(context.isCancelled)", further)
            }
        }
        let asyncJob = try RequestContext.withCurrent(request) {
            try pool.submit(.detached) { () async throws -> Bool in Task.isCancelled }
        }
        request.cancel()
        plug.release.open()
        let (seen, further) = try await job.boundedValue
        #expect(seen == "bob false")
        #expect(try await !further.boundedValue)
        #expect(try await !asyncJob.boundedValue)
    }

    @Test(
        "submitting is refused with a typed error, also from its jobs; not so what is detached",
        arguments: Lane.allCases
    )
    func submittingIsRefused(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool)
        let (runs, go) = (Gate(), Gate())
        let job = try RequestContext.withCurrent(request) {
            try pool.submit {
                runs.open()
                go.wait()
                return try lane.submit(to: pool) { 1 }
            }
        }
        await runs.opened()
        request.cancel()
        RequestContext.withCurrent(request) {
            let error = #expect(throws: ContextPoolError.self) { try lane.submit(to: pool) { 1 } }
            #expect(error?.code == .requestCancelled)
        }
        go.open()
        #expect(await job.settled.poolErrorCode == .requestCancelled)
        let detached = try RequestContext.withCurrent(request) { try pool.submit(.detached) { 2 } }
        #expect(try await detached.boundedValue == 2)
        #expect(pool.queue.unfinished == 0)
    }

    @Test("after a normal end nothing is cancelled any more: its jobs go on", arguments: Lane.allCases)
    func aNormalEndIsFinal(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let request = RequestContext.make(pool: pool)
        let job = try RequestContext.withCurrent(request) {
            try lane.submit(to: pool) {
                let context = try RequestContext.require()
                return (context.isCancelled, try lane.submit(to: pool) { 1 })
            }
        }
        request.tearDown()
        request.cancel()
        #expect(!request.isCancelled)
        let late = try RequestContext.withCurrent(request) { try lane.submit(to: pool) { 2 } }
        plug.release.open()
        let (isCancelled, further) = try await job.boundedValue
        #expect(!isCancelled)
        #expect(try await further.boundedValue == 1)
        #expect(try await late.boundedValue == 2)
    }

    @Test("the jobs of other requests, and of none, stay in their order", arguments: Lane.allCases)
    func othersStay(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let (mine, other) = (RequestContext.make(pool: pool), RequestContext.make(pool: pool))
        let order = Record<Int>()
        for number in 0..<30 {
            let submit = { _ = try lane.submit(to: pool) { order.append(number) } }
            switch number % 3 {
            case 0: try RequestContext.withCurrent(mine, submit)
            case 1: try RequestContext.withCurrent(other, submit)
            default: try submit()
            }
        }
        mine.cancel()
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(order.elements == (0..<30).filter { $0 % 3 != 0 })
        #expect(!other.isCancelled)
    }

    @Test(
        "whoever is told of a stopped job may use pool and request: nothing is called under a lock",
        arguments: Lane.allCases
    )
    func nothingIsCalledUnderALock(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 4)
        let plug = try await Plug(pool)
        let request = RequestContext.make(pool: pool)
        let told = Record<Bool>()
        @Sendable func useEverything() {
            request.cancel()
            request.g.count += 1
            request.onCancel {}.remove()
            let future = try? pool.submit(.detached) {}
            told.append(future?.cancel() == true && request.isCancelled && pool.queue.unfinished > 0)
        }
        try RequestContext.withCurrent(request) {
            for _ in 0..<3 {
                let witness = Farewell(useEverything)
                try lane.submit(to: pool) { withExtendedLifetime(witness) {} }.whenComplete { _ in useEverything() }
            }
        }
        request.onCancel { useEverything() }
        request.cancel()
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        await eventually { told.elements.count == 7 }
        #expect(told.elements.prefix(4).allSatisfy { $0 })
    }

    @Test("a stopped async job leaves nothing behind: neither a place nor its task, though every worker is busy")
    func stoppedTasksEnd() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 3)
        let plug = try await Plug(pool)
        for _ in 0..<100 {
            let request = RequestContext.make(pool: pool)
            let dies = Gate()
            let mortal = Mortal(dies)
            _ = try RequestContext.withCurrent(request) {
                try pool.submit { () async throws -> Void in withExtendedLifetime(mortal) {} }
            }
            request.cancel()
            _ = consume mortal
            await dies.opened()
        }
        #expect(pool.waitingJobs == 0)
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test(
        "submit, begin, finish, cancel and shutDown may race: every future completes, no body runs twice, nothing is kept"
    )
    func everythingMayRace() async throws {
        for round in 0..<40 {
            let pool = try ContextPool(workers: 2, queueLimit: 1000)
            let request = RequestContext.make(pool: pool)
            let runs = Record<Int>()
            let futures = Record<Future<Int>>()
            let half = Turnstile()
            await withTaskGroup(of: Void.self) { group in
                for lane in Lane.allCases {
                    group.addTask {
                        await onThread {
                            RequestContext.withCurrent(request) {
                                for number in 0..<100 {
                                    let name = lane == .closure ? number : 100 + number
                                    let future = try? lane.submit(to: pool) { () -> Int in
                                        runs.append(name)
                                        return name
                                    }
                                    if let future { futures.append(future) }
                                    half.pass()
                                }
                            }
                        }
                    }
                }
                group.addTask {
                    await half.reached(5 * round)
                    request.cancel()
                }
                if round.isMultiple(of: 4) {
                    group.addTask {
                        await half.reached(5 * round)
                        await pool.shutDown(.cancelPending, within: patience)
                    }
                }
            }
            for future in futures.elements { _ = await future.settled }
            #expect(await pool.shutDown(within: patience).unfinished == 0)
            #expect(Set(runs.elements).count == runs.elements.count)
            let values = futures.elements.compactMap { try? $0.wait(timeout: .zero) }
            #expect(Set(values) == Set(runs.elements))
            #expect(request.life?.count == 0)
        }
    }
}
