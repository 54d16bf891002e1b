import TestSupport
import Testing

@testable import ContextPool

@Suite("Jobs that their submitter runs", .timeLimit(.minutes(1)))
struct CallersStackTests {
    @Test("callerRuns: a plain thread whose job submits to a full pool, 100,000 deep, does not run out of stack")
    func callerRunsVeryDeeply() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .callerRuns)
        let plug = try await Plug(pool)
        try pool.submit {}
        @Sendable func again(_ left: Int) throws {
            if left > 0 { try pool.submit { try again(left - 1) } }
        }
        await onThread { _ = try? pool.submit { try again(100_000) } }
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("callerRuns: nor does a worker")
    func callerRunsVeryDeeplyInAWorker() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .callerRuns)
        @Sendable func again(_ left: Int) throws {
            if left > 0 { try pool.submit { try again(left - 1) } }
        }
        let f = try pool.submit {
            try pool.submit {}
            try again(100_000)
        }
        _ = await f.settled
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("callerRuns: CurrentJob is the job that is run, not the one that submits", arguments: Lane.allCases)
    func callerRunsKnowsItsJob(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .callerRuns)
        let names = try lane.submit(to: pool) {
            try pool.submit {}
            return try pool.submit(named: "inner") { CurrentJob.info?.name }
        }
        #expect(try await names.boundedValue.boundedValue == "inner")
    }

    @Test("callerRuns: a job that ends the thread is counted out, and its future fails")
    func callerRunsThatDies() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .callerRuns)
        let outer = try pool.submit {
            try pool.submit {}
            try pool.submit { exitThread() }
        }
        _ = await outer.settled
        let left = await pool.shutDown(within: .seconds(3))
        #expect(left.unfinished == 0)
    }

    @Test("callerRuns: a plain thread that ends underneath the job takes nothing along", arguments: Lane.allCases)
    func callerRunsOnAThreadThatDies(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .callerRuns)
        let plug = try await Plug(pool)
        try pool.submit {}
        let hasReturned = Gate()
        let hasEnded = Gate()
        let dies: @Sendable () throws -> Void = {
            switch lane {
            case .closure: try pool.submit { () -> Void in exitThread() }
            case .async: try pool.submit { () async -> Void in exitThread() }
            }
            hasReturned.open()
        }
        try PlatformThread.start(name: "caller") {
            _ = try? pool.submit { try dies() }
        } atEnd: { _ in
            hasEnded.open()
        }
        await hasEnded.opened()
        plug.release.open()
        #expect(await pool.shutDown(within: .seconds(5)).unfinished == 0)
        #expect(!hasReturned.isOpen, "the thread has ended underneath submit")
    }
}
