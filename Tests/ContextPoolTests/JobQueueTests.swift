import TestSupport
import Testing

@testable import ContextPool

@Suite("JobQueue", .timeLimit(.minutes(1)))
struct JobQueueTests {
    let queue = JobQueue(pool: "queue", limit: 2, workers: 1)

    @Test("jobs come out in the order in which they went in")
    func orderIsKept() throws {
        let jobs = try (0..<2).map { try admitted($0) }
        #expect(try popped() === jobs[0])
        #expect(try popped() === jobs[1])
    }

    @Test("the limit counts waiting jobs, and leaving makes room")
    func limitCountsWaitingJobs() throws {
        let first = try admitted(0)
        try admitted(1)
        #expect(throws: ContextPoolError.queueFull(pool: "queue", limit: 2)) { try admitted(2) }
        #expect(queue.unfinished == 2, "a refused job is not counted")
        #expect(try popped() === first)
        try admitted(2)
        #expect(queue.unfinished == 3)
    }

    @Test("a discarded job does not come out, and discarding it again harms no other")
    func discardedJobsStayAway() throws {
        let (first, second) = (try admitted(0), try admitted(1))
        queue.remove(first)
        queue.remove(first)
        #expect(try popped() === second)
    }

    @Test("a closed queue refuses, and its workers are told to end")
    func closedQueuesEnd() async throws {
        queue.close(cancelsWaiting: false)
        #expect(throws: ContextPoolError.shutDown(pool: "queue")) { try admitted(0) }
        let isTheEnd = await onThread { [queue] in queue.next(for: 0, hasFinished: false) == nil }
        #expect(isTheEnd)
        #expect(await queue.waitUntilClosed(timeout: nil) == 0)
    }

    @Test("a closing queue stays open for its workers until the last job has finished")
    func closingQueuesWait() async throws {
        let job = try admitted(0)
        queue.close(cancelsWaiting: false)
        #expect(await queue.waitUntilClosed(timeout: .zero) == 1)
        #expect(try popped() === job)
        queue.jobFinished(job)
        #expect(await queue.waitUntilClosed(timeout: nil) == 0)
    }

    @Test("closing with cancelsWaiting refuses all that wait, once, and says which")
    func cancelsWaitingRefuses() async throws {
        let (waiting, held) = (try admitted(0), TestJob(1, queue))
        try queue.hold(held)
        #expect(Set(queue.close(cancelsWaiting: true).map(ObjectIdentifier.init)) == [.init(waiting), .init(held)])
        #expect(queue.close(cancelsWaiting: true).isEmpty)
        #expect(waiting.refusals.elements == [.shutDown])
        #expect(held.refusals.elements == [.shutDown])
        #expect(await queue.waitUntilClosed(timeout: patience) == 0)
    }

    @Test("every worker that waits is told of the end")
    func everyWorkerIsTold() async throws {
        let queue = JobQueue(pool: "queue", limit: 2, workers: 4)
        let ended = Turnstile()
        async let workers: Void = withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { await onThread { if queue.next(for: 0, hasFinished: false) == nil { ended.pass() } } }
            }
        }
        queue.close(cancelsWaiting: false)
        await workers
        #expect(ended.count == 4)
    }

    @Test("losing one of two workers changes nothing for the jobs")
    func losingOneOfTwo() throws {
        let queue = JobQueue(pool: "queue", limit: 2, workers: 2)
        let job = TestJob(0, queue)
        _ = try queue.admit(job, callerMayBlock: false)
        queue.workerLost()
        #expect(job.refusals.elements.isEmpty)
        _ = try queue.admit(TestJob(1, queue), callerMayBlock: false)
        #expect(queue.unfinished == 2)
    }

    @Test("losing the last worker refuses the waiting jobs and the new ones, and closes")
    func losingTheLast() async throws {
        let (waiting, held) = (try admitted(0), TestJob(1, queue))
        try queue.hold(held)
        queue.workerLost()
        #expect(waiting.refusals.elements == [.shutDown])
        #expect(held.refusals.elements == [.shutDown])
        #expect(throws: ContextPoolError.shutDown(pool: "queue")) { try admitted(2) }
        #expect(await queue.waitUntilClosed(timeout: patience) == 0)
    }

    @Test("losing the last worker while a job runs: a shutdown waits for that job and counts it")
    func losingTheLastWhileAJobRuns() async throws {
        let running = try admitted(0)
        _ = try popped()
        async let first = queue.waitUntilClosed(timeout: nil)
        queue.workerLost()
        #expect(await queue.waitUntilClosed(timeout: .zero) == 1)
        #expect(running.refusals.elements.isEmpty, "it has begun")
        queue.jobFinished(running)
        #expect(await first == 0)
        #expect(await queue.waitUntilClosed(timeout: nil) == 0)
    }

    @Test("losing the last worker: tasks that prefer the pool go on with Swift's own threads")
    func losingTheLastMovesTasks() async throws {
        let pool = try ContextPool(workers: 1, name: "lost")
        let worker = try await pool.submit { currentThreadID() }.boundedValue
        let plug = try await Plug(pool)
        let moved = Task(executorPreference: pool) { currentThreadID() }
        let waiting = try pool.submit { () async throws -> Int in 1 }
        pool.queue.workerLost()
        #expect(await moved.value != worker)
        #expect(await waiting.settled.poolErrorCode == .shutDown)
        plug.release.open()
        try await plug.future.boundedValue
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @discardableResult
    private func admitted(_ number: Int) throws -> TestJob {
        let job = TestJob(number, queue)
        _ = try queue.admit(job, callerMayBlock: false)
        return job
    }

    /// What a worker would get.
    private func popped() throws -> TestJob? {
        guard case .job(let job) = queue.poll() else { return nil }
        return job as? TestJob
    }
}
