import Synchronization
import TestSupport
import Testing

@testable import ContextPool

@Suite("Deadlines", .timeLimit(.minutes(1)))
struct DeadlineTests {
    private let time = ManualClock()

    private func makePool() -> ContextPool {
        ContextPool(name: "pool", queue: JobQueue(pool: "pool", limit: 100, workers: 1, clock: time.clock), workers: 1)
    }

    /// Does what a worker does, until there is nothing left; these tests have none.
    private func work(_ pool: ContextPool) {
        while let item = pool.queue.poll() {
            switch item {
            case .job(let job): if job.run() { pool.queue.jobFinished(job) }
            case .resumption(let part, let executor): Worker.run(part, on: executor)
            }
        }
    }

    @Test(
        "Law 11: a job that has not begun in its time never does, and its place is free at once",
        arguments: Lane.allCases
    )
    func waitingJobsEnd(lane: Lane) async throws {
        let pool = makePool()
        let future =
            try lane == .closure
            ? pool.submit(within: .seconds(2)) { 1 } : pool.submit(within: .seconds(2)) { () async throws -> Int in 1 }
        time.advance(by: .seconds(1))
        #expect(!future.isFinished)
        time.advance(by: .seconds(2))
        #expect(await future.settled.poolErrorCode == .deadlinePassed)
        #expect(future.isCancelled)
        #expect(pool.waitingJobs == 0)
        let error = try #require(await future.settled.error as? ContextPoolError)
        #expect(error.description.contains("DeadlineTests.swift:"), "it says where it was submitted")
    }

    @Test("Law 11: a job that runs when its time is up is told", arguments: Lane.allCases)
    func runningJobsAreTold(lane: Lane) async throws {
        let pool = try time.makePool(workers: 1)
        let (runs, isUp) = (Gate(), Gate())
        let future: Future<[Bool]> =
            switch lane {
            case .closure:
                try pool.submit(within: .seconds(2)) {
                    let before = CurrentJob.isCancelled
                    runs.open()
                    isUp.wait()
                    return [before, CurrentJob.isCancelled]
                }
            case .async:
                try pool.submit(within: .seconds(2)) { () async throws -> [Bool] in
                    let before = CurrentJob.isCancelled
                    runs.open()
                    await isUp.opened()
                    return [before, CurrentJob.isCancelled]
                }
            }
        await runs.opened()
        time.advance(by: .seconds(3))
        isUp.open()
        #expect(try await future.boundedValue == [false, true])
        #expect(!future.isCancelled, "it has begun")
        #expect(await pool.shutDown(within: nil).unfinished == 0)
    }

    @Test("a deadline is inherited by jobs of jobs, and never extended")
    func inheritance() async throws {
        let pool = makePool()
        let request = RequestContext(app: AppContext(name: "test", pool: pool), within: .seconds(10))
        #expect(request.timeRemaining == .seconds(10))
        let seen = Record<Duration?>()
        try RequestContext.withCurrent(request) {
            try pool.submit { seen.append(RequestContext.current?.timeRemaining) }
            try pool.submit(within: .seconds(3)) {
                seen.append(RequestContext.current?.timeRemaining)
                try pool.submit(within: .seconds(60)) { seen.append(RequestContext.current?.timeRemaining) }
                try pool.submit(.detached) { seen.append(RequestContext.current?.timeRemaining) }
                try pool.submit(.detached, within: .seconds(40)) { seen.append(RequestContext.current?.timeRemaining) }
            }
            try pool.submit(within: .seconds(60)) { seen.append(RequestContext.current?.timeRemaining) }
        }
        time.advance(by: .seconds(1))
        work(pool)
        let expected: Set<Duration?> = [.seconds(9), .seconds(2), nil, .seconds(40)]
        #expect(Set(seen.elements) == expected)
        #expect(seen.elements.filter { $0 == .seconds(9) }.count == 2, "no job has more than its request")
        #expect(seen.elements.filter { $0 == .seconds(2) }.count == 2, "and none more than the job that submitted it")
    }

    @Test("jobs of a request whose time is up do not begin, and new ones are refused", arguments: Lane.allCases)
    func requestsEnd(lane: Lane) async throws {
        let pool = makePool()
        let request = RequestContext(app: AppContext(name: "test", pool: pool), within: .seconds(1))
        let future = try RequestContext.withCurrent(request) { try lane.submit(to: pool) { 1 } }
        time.advance(by: .seconds(1))
        work(pool)
        #expect(await future.settled.poolErrorCode == .deadlinePassed)
        let error = RequestContext.withCurrent(request) {
            #expect(throws: ContextPoolError.self) { try lane.submit(to: pool) { 1 } }
        }
        #expect(error?.code == .deadlinePassed)
        #expect(request.timeRemaining == .zero)
    }

    @Test("limitTime makes the time shorter, never longer, and cancels the request when it is up")
    func limitTime() async throws {
        let pool = makePool()
        let request = RequestContext(app: AppContext(name: "test", pool: pool), within: .seconds(10))
        request.limitTime(to: .seconds(60))
        #expect(request.timeRemaining == .seconds(10))
        request.limitTime(to: .seconds(5))
        #expect(request.timeRemaining == .seconds(5))
        time.advance(by: .seconds(6))
        #expect(request.isCancelled)
    }

    @Test("after the normal end of a request its time no longer counts", arguments: Lane.allCases)
    func endedRequests(lane: Lane) async throws {
        let pool = makePool()
        let request = RequestContext(app: AppContext(name: "test", pool: pool), within: .seconds(1))
        let future = try RequestContext.withCurrent(request) { try lane.submit(to: pool) { 1 } }
        request.tearDown()
        time.advance(by: .seconds(2))
        work(pool)
        #expect(try await future.boundedValue == 1)
    }

    @Test("a job that ends in time leaves nothing in the alarm")
    func alarmsAreTakenBack() async throws {
        let pool = makePool()
        let futures = try (0..<10).map { number in try pool.submit(within: .seconds(number + 1)) { number } }
        #expect(pool.alarm.count == 10)
        futures[0].cancel()
        #expect(pool.alarm.count == 9)
        work(pool)
        #expect(pool.alarm.count == 0)
    }

    @Test(
        "limits without sense do no harm",
        arguments: [Duration.zero, .seconds(-1), .seconds(Int64.max), .seconds(Int64.max) * 10]
    )
    func strangeLimits(_ limit: Duration) async throws {
        let pool = makePool()
        time.advance(by: .seconds(1))
        let submit = { try pool.submit(within: limit) { 1 } }
        if limit <= .zero {
            #expect(throws: ContextPoolError.self) { try submit() }
        } else {
            let future = try submit()
            work(pool)
            #expect(try await future.boundedValue == 1)
        }
    }

    @Test("a step has no more time than the job that added it")
    func stepsInheritTheDeadline() async throws {
        let pool = try ContextPool(workers: 2)
        let request = RequestContext.make(pool: pool)
        let left = try RequestContext.withCurrent(request) {
            try pool.submit(within: .seconds(100)) {
                try pool.submit { 1 }.map { _ in RequestContext.current?.timeRemaining != nil }.wait(timeout: patience)
            }
        }
        #expect(try await left.boundedValue)
    }

    @Test("a running job is told when the deadline that it inherited is up", arguments: Lane.allCases)
    func anInheritedDeadlineTellsARunningJob(lane: Lane) async throws {
        let pool = try time.makePool(workers: 2)
        let request = RequestContext.make(pool: pool)
        let (started, submitted, go) = (Gate(), Gate(), Gate())
        let outer = try RequestContext.withCurrent(request) {
            try pool.submit(within: .seconds(1)) {
                let inner = try lane.submit(to: pool) { () -> Bool in
                    started.open()
                    go.wait()
                    return CurrentJob.isCancelled
                }
                submitted.open()
                go.wait()
                return (inner, CurrentJob.isCancelled)
            }
        }
        await started.opened()
        await submitted.opened()
        time.advance(by: .seconds(2))
        go.open()
        let (inner, outerIsCancelled) = try await outer.boundedValue
        #expect(outerIsCancelled)
        #expect(try await inner.boundedValue)
    }

    @Test("a waiting job ends when the deadline that it inherited is up")
    func anInheritedDeadlineEndsAWaitingJob() async throws {
        let pool = try time.makePool(workers: 1)
        let request = RequestContext.make(pool: pool)
        let (started, go) = (Gate(), Gate())
        let inner = Mutex<Future<Int>?>(nil)
        let outer = try RequestContext.withCurrent(request) {
            try pool.submit(within: .seconds(1)) {
                let future = try pool.submit { 1 }
                inner.withLock { $0 = future }
                started.open()
                go.wait()
            }
        }
        await started.opened()
        time.advance(by: .seconds(2))
        let future = try #require(inner.withLock { $0 })
        #expect(future.isFinished)
        go.open()
        _ = try await outer.boundedValue
    }

    @Test("what a job without a request submits has no more time than the job")
    func limitsAreInheritedWithoutARequest() async throws {
        let pool = try time.makePool(workers: 1)
        let late = try pool.submit(within: .seconds(1)) { () -> ContextPoolError.Code? in
            time.advance(by: .seconds(2))
            do { try pool.submit {} } catch { return (error as? ContextPoolError)?.code }
            return nil
        }
        #expect(try await late.boundedValue == .deadlinePassed)
    }

    @Test("Law 11: the deadline of a detached job reaches what it submits", arguments: Lane.allCases)
    func detachedJobsHandTheirDeadlineOn(lane: Lane) async throws {
        let pool = try time.makePool(workers: 1)
        let (runs, go) = (Gate(), Gate())
        let inner =
            try await RequestContext.withCurrent(.make(pool: pool)) {
                try pool.submit(.detached, within: .seconds(1)) {
                    let running = try lane.submit(to: pool) { () -> Bool in
                        runs.open()
                        go.wait()
                        return CurrentJob.isCancelled
                    }
                    return (running, try lane.submit(to: pool) { true })
                }
            }
            .boundedValue
        await runs.opened()
        time.advance(by: .seconds(2))
        #expect(inner.1.isFinished)
        go.open()
        #expect(try await inner.0.boundedValue)
        #expect(await inner.1.settled.poolErrorCode == .deadlinePassed)
    }

    @Test("a part of a job that has moved to another pool has as much time as the job", arguments: [true, false])
    func limitsReachThroughRun(hasRequest: Bool) async throws {
        let (pool, other) = (try time.makePool(workers: 1), try time.makePool(workers: 1))
        let submit = { [time] in
            try pool.submit(within: .seconds(1)) { () async throws -> ContextPoolError.Code? in
                try await other.run {
                    time.advance(by: .seconds(2))
                    do { try other.submit {} } catch { return (error as? ContextPoolError)?.code }
                    return nil
                }
            }
        }
        let late = hasRequest ? try RequestContext.withCurrent(.make(pool: pool)) { try submit() } : try submit()
        #expect(try await late.boundedValue == .deadlinePassed)
    }

    @Test("a request that ends in time leaves nothing in the alarm")
    func limitsAreTakenBack() {
        let pool = makePool()
        let request = RequestContext(app: AppContext(name: "test", pool: pool))
        request.limitTime(to: .seconds(5))
        #expect(pool.alarm.count == 1)
        request.tearDown()
        #expect(pool.alarm.count == 0)
    }
}
