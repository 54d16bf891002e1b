import TestSupport
import Testing

@testable import ContextPool

@Suite("A full queue", .timeLimit(.minutes(1)))
struct FullQueueTests {
    @Test("reject: the new job is refused", arguments: Lane.allCases)
    func reject(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 2)
        let plug = try await Plug(pool)
        for _ in 0..<2 { try lane.submit(to: pool) {} }
        #expect(throws: ContextPoolError.queueFull(pool: "pool", limit: 2)) { try lane.submit(to: pool) {} }
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("callerRuns: the submitting thread runs the new job, in the job's context, before submit returns")
    func callerRuns() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .callerRuns, name: "caller")
        let plug = try await Plug(pool)
        try pool.submit {}
        let seen = try await onThread {
            Result {
                let request = RequestContext.make(pool: pool, user: "bob")
                let future = try RequestContext.withCurrent(request) {
                    try pool.submit {
                        let mine = try RequestContext.require()
                        mine.g.user += "'s job"
                        return (currentThreadID(), mine.g.user)
                    }
                }
                #expect(future.isFinished)
                let (thread, user) = try future.wait()
                return (thread == currentThreadID(), user, request.g.user)
            }
        }
        .get()
        #expect(seen == (true, "bob's job", "bob"))
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("callerRuns: an async job runs on the submitting thread up to where it suspends, and then on the workers")
    func callerRunsAsync() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .callerRuns, name: "caller")
        let plug = try await Plug(pool)
        try pool.submit {}
        let (future, thread) = try await onThread {
            Result {
                let future = try pool.submit { () async throws -> [String] in
                    let first = currentThreadID()
                    await Task.yield()
                    return [first, currentThreadName()]
                }
                return (future, currentThreadID())
            }
        }
        .get()
        plug.release.open()
        #expect(try await future.boundedValue == [thread, "caller-1"])
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("callerRuns: on an event loop the job is refused instead", arguments: Lane.allCases)
    func callerRunsNotOnALoop(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .callerRuns)
        let plug = try await Plug(pool)
        try pool.submit {}
        await onThread {
            EventLoopThread.markCurrent()
            let error = #expect(throws: ContextPoolError.self) { try lane.submit(to: pool) {} }
            #expect(error?.code == .queueFull)
        }
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("callerRuns: a job that submits itself again and again does not run out of stack")
    func callerRunsDeeply() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .callerRuns)
        @Sendable func again(_ left: Int) throws {
            if left > 0 { try pool.submit { try again(left - 1) } }
        }
        for _ in 0..<20 { _ = try? pool.submit { try again(100_000) } }
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test(
        "dropOldest: the oldest that waits fails with `dropped`, and the new one has its place",
        arguments: Lane.allCases
    )
    func dropOldest(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 2, whenFull: .dropOldest)
        let plug = try await Plug(pool)
        let futures = try (0..<5).map { number in try lane.submit(to: pool) { number } }
        #expect(futures.map(\.isFinished) == [true, true, true, false, false])
        #expect(await futures[0].settled.poolErrorCode == .dropped)
        plug.release.open()
        #expect(try await futures[3].boundedValue == 3)
        #expect(try await futures[4].boundedValue == 4)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("dropOldest: nobody gives way to a job of lower priority")
    func dropOldestByPriority() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 2, whenFull: .dropOldest)
        let plug = try await Plug(pool)
        let high = try pool.submit(priority: .high) { 1 }
        let low = try pool.submit(priority: .low) { 2 }
        let normal = try pool.submit { 3 }
        #expect(await low.settled.poolErrorCode == .dropped)
        #expect(throws: ContextPoolError.queueFull(pool: "pool", limit: 2)) { try pool.submit(priority: .low) { 4 } }
        plug.release.open()
        #expect(try await [high.boundedValue, normal.boundedValue] == [1, 3])
    }

    @Test("shedExpired: jobs whose time is up leave their places; where there are none the new one is refused")
    func shedExpired() async throws {
        let time = ManualClock()
        let queue = JobQueue(pool: "shed", limit: 2, workers: 1, whenFull: .shedExpired, clock: time.clock)
        let pool = ContextPool(name: "shed", queue: queue, workers: 1)
        let hasty = try pool.submit(within: .seconds(1)) { 1 }
        let patient = try pool.submit { 2 }
        #expect(throws: ContextPoolError.self) { try pool.submit { 3 } }
        time.advance(by: .seconds(1))
        let next = try pool.submit { 3 }
        #expect(await hasty.settled.poolErrorCode == .deadlinePassed)
        #expect(!patient.isFinished && !next.isFinished)
        #expect(throws: ContextPoolError.self) { try pool.submit { 4 } }
        #expect(await pool.shutDown(.cancelPending, within: patience).neverRan.count == 2)
    }

    @Test("a flood of a small queue under every policy: nothing hangs, and every future ends", arguments: FloodCase.all)
    func flood(_ flood: FloodCase) async throws {
        let pool = try ContextPool(workers: 2, queueLimit: 4, whenFull: flood.policy)
        let futures = Record<Future<Int>>()
        await withTaskGroup(of: Void.self) { group in
            for lane in Lane.allCases {
                group.addTask {
                    await onThread {
                        for number in 0..<500 {
                            if let future = try? lane.submit(to: pool, { number }) { futures.append(future) }
                        }
                    }
                }
            }
        }
        for future in futures.elements { _ = await future.settled }
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(pool.waitingJobs == 0)
    }

    struct FloodCase: CustomTestStringConvertible, Sendable {
        let policy: FullQueuePolicy
        var testDescription: String { "\(policy)" }
        static let all = [FullQueuePolicy.reject, .callerRuns, .dropOldest, .shedExpired].map { FloodCase(policy: $0) }
    }

    @Test("dropOldest drops no step")
    func aStepIsNotDropped() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .dropOldest)
        let source = try await Plug(pool)
        let step = source.future.map { 1 }
        let second = Gate()
        let began = Gate()
        // The step waits behind this one.
        let long = try pool.submit(priority: .high) {
            began.open()
            second.wait()
        }
        source.release.open()
        await began.opened()
        await eventually { pool.waitingJobs == 1 }
        _ = try? pool.submit { 2 }
        second.open()
        #expect(try await step.boundedValue == 1)
        _ = try await long.boundedValue
    }
}
