import TestSupport
import Testing

@testable import ContextPool

@Suite("For how long jobs are kept", .timeLimit(.minutes(1)))
struct KeptJobsTests {
    private let time = ManualClock()

    private func makePool(keptJobs: Int = 10) -> ContextPool {
        let queue = JobQueue(pool: "pool", limit: 100, workers: 1, clock: time.clock)
        return ContextPool(name: "pool", queue: queue, workers: 1, keptJobs: keptJobs)
    }

    /// Does what a worker does; these tests have none.
    private func work(_ pool: ContextPool) {
        while let item = pool.queue.poll() {
            if case .job(let job) = item, job.run() { pool.queue.jobFinished(job) }
        }
    }

    @Test("the time counts from the end of the job, and not from its submission")
    func timeCountsFromTheEnd() async throws {
        let pool = makePool()
        let job = try pool.submit(named: "report", keptFor: .seconds(60)) { 1 }
        time.advance(by: .seconds(1000))
        #expect(pool.job(job.id)?.status.state == .queued)
        work(pool)
        time.advance(by: .milliseconds(59_999))
        #expect(pool.job(job.id)?.status.state == .succeeded)
        time.advance(by: .milliseconds(1))
        #expect(pool.job(job.id) == nil)
        #expect(job.kept.status.state == .succeeded, "whoever has it may go on reading")
    }

    @Test("when its time is up a job is let go, though nobody asks for it")
    func nobodyHasToAsk() async throws {
        let pool = makePool()
        let (early, late) = (Gate(), Gate())
        try pool.submit(named: "late", keptFor: .seconds(90)) { Mortal(late) }
        try pool.submit(named: "early", keptFor: .seconds(60)) { Mortal(early) }
        work(pool)
        #expect(pool.keptJobs.count == 2)
        await eventually { time.alarms.count > 0 }
        time.advance(by: .seconds(61))
        await early.opened()
        #expect(!late.isOpen)
        #expect(pool.keptJobs.count == 1)
        await eventually {
            time.advance(by: .seconds(30))
            return late.isOpen
        }
        #expect(pool.keptJobs.count == 0)
        #expect(pool.alarm.count == 0)
    }

    @Test("kept for no time, or less than that, a job is there until its end", arguments: [0, -5])
    func noTimeIsNone(seconds: Int) throws {
        let pool = makePool()
        let job = try pool.submit(named: "report", keptFor: .seconds(seconds)) {}
        #expect(pool.job(job.id) != nil)
        work(pool)
        #expect(pool.job(job.id) == nil)
        #expect(job.future.state == .succeeded)
    }

    @Test("kept for longer than any clock reaches, it is kept")
    func longTimesAreTimes() throws {
        let pool = makePool()
        let job = try pool.submit(named: "report", keptFor: .seconds(Int64.max)) {}
        work(pool)
        time.advance(by: .seconds(10 * 365 * 86_400))
        #expect(pool.job(job.id) != nil)
    }

    @Test("FE8: of too many ended jobs, the one whose time would be up first is forgotten; others stay")
    func tooManyAreDropped() throws {
        let pool = makePool(keptJobs: 2)
        let seconds = [30, 10, 20, 40]
        let jobs = try seconds.map { try pool.submit(named: "\($0)", keptFor: .seconds($0)) {} }
        work(pool)
        let waiting = try pool.submit(named: "waiting", keptFor: .zero) {}
        #expect(jobs.map { pool.job($0.id) != nil } == [true, false, false, true])
        #expect(pool.job(waiting.id) != nil)
        #expect(pool.keptJobs.count == 3)
        // What was forgotten has no call left, and what is left goes in its time.
        #expect(pool.alarm.count == 2)
        time.advance(by: .seconds(30))
        #expect(jobs.map { pool.job($0.id) != nil } == [false, false, false, true])
    }

    @Test("a pool that may keep none finds those that have not ended")
    func noneMayBeKept() throws {
        let pool = makePool(keptJobs: 0)
        let job = try pool.submit(named: "report", keptFor: .seconds(60)) {}
        #expect(pool.job(job.id) != nil)
        work(pool)
        #expect(pool.job(job.id) == nil)
        #expect(pool.keptJobs.count == 0)
        #expect(throws: ContextPoolError.self) { try ContextPool(workers: 1, keptJobs: -1) }
    }

    @Test("kept jobs keep no pool, and leave nobody asleep for it")
    func poolsMayGo() async throws {
        let (pool, job) = try {
            let pool = makePool()
            let job = try pool.submit(named: "report", keptFor: .seconds(3600)) { 1 }
            work(pool)
            return (Weak(pool), job)
        }()
        #expect(pool.object == nil)
        #expect(job.kept.status.state == .succeeded)
        // Whoever was cancelled wakes when the time goes on, and does not sleep again.
        time.advance(by: .seconds(7200))
        #expect(time.alarms.count == 0)
    }

    @Test("a job that ends after its pool is gone has ended")
    func jobsOutliveTheirPool() async throws {
        let (isGone, runs) = (Gate(), Gate())
        let job = try await {
            let pool = try ContextPool(workers: 1)
            let job = try pool.submit(named: "report", keptFor: .seconds(9)) {
                runs.open()
                isGone.wait()
                return 5
            }
            await runs.opened()
            return job
        }()
        isGone.open()
        #expect(try await job.future.boundedValue == 5)
        #expect(job.kept.status.state == .succeeded)
    }
}
