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
        #expect(throws: ContextPoolError.queueFull(pool: "queue", limit: 2)) {
            try queue.admit(waiting: TestJob(3, queue))
        }
        #expect(queue.unfinished == 2, "a refused job is not counted")
        _ = try popped()
        #expect(throws: ContextPoolError.self) { try admitted(2) }
        first.leaveQueue()
        try admitted(2)
        #expect(queue.unfinished == 3)
    }

    @Test("a discarded job does not come out, and discarding it again harms no other")
    func discardedJobsStayAway() throws {
        let (first, second) = (try admitted(0), try admitted(1))
        queue.discard(first)
        queue.discard(first)
        #expect(try popped() === second)
    }

    @Test("all jobs that have ended are taken out together, and no other")
    func finishedJobsAreTakenOut() throws {
        let (first, second) = (try admitted(0), try admitted(1))
        first.refuse(.requestCancelled)
        queue.discardFinished()
        queue.discardFinished()
        #expect(try popped() === second)
    }

    @Test("a closed queue refuses, and its workers are told to end")
    func closedQueuesEnd() async throws {
        queue.close(cancelsWaiting: false)
        #expect(throws: ContextPoolError.shutDown(pool: "queue")) { try admitted(0) }
        #expect(throws: ContextPoolError.shutDown(pool: "queue")) { try queue.admit(waiting: TestJob(1, queue)) }
        let isTheEnd = await onThread { [queue] in queue.next() == nil }
        #expect(isTheEnd)
        #expect(await queue.waitUntilClosed(timeout: nil) == 0)
    }

    @Test("a closing queue stays open for its workers until the last job has finished")
    func closingQueuesWait() async throws {
        let job = try admitted(0)
        queue.close(cancelsWaiting: false)
        #expect(await queue.waitUntilClosed(timeout: .zero) == 1)
        #expect(try popped() === job)
        queue.jobFinished()
        #expect(await queue.waitUntilClosed(timeout: nil) == 0)
    }

    @Test("closing with cancelsWaiting refuses both kinds of waiting job, once")
    func cancelsWaitingRefuses() async throws {
        let closure = try admitted(0)
        let async = TestJob(1, queue)
        try queue.admit(waiting: async)
        queue.close(cancelsWaiting: true)
        queue.close(cancelsWaiting: true)
        #expect(closure.refusals.elements == [.shutDown])
        #expect(async.refusals.elements == [.shutDown])
        #expect(await queue.waitUntilClosed(timeout: patience) == 0)
    }

    @Test("every worker that waits is told of the end")
    func everyWorkerIsTold() async throws {
        let queue = JobQueue(pool: "queue", limit: 2, workers: 4)
        let ended = Turnstile()
        async let workers: Void = withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { await onThread { if queue.next() == nil { ended.pass() } } }
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
        try queue.admit(job)
        queue.workerLost()
        #expect(job.refusals.elements.isEmpty)
        try queue.admit(TestJob(1, queue))
        #expect(queue.unfinished == 2)
    }

    @Test("losing the last worker refuses the waiting jobs and the new ones, and closes")
    func losingTheLast() async throws {
        let closure = try admitted(0)
        let async = TestJob(1, queue)
        try queue.admit(waiting: async)
        queue.workerLost()
        #expect(closure.refusals.elements == [.shutDown])
        #expect(async.refusals.elements == [.shutDown])
        #expect(throws: ContextPoolError.shutDown(pool: "queue")) { try admitted(2) }
        #expect(await queue.waitUntilClosed(timeout: patience) == 0)
    }

    @Test("losing the last worker while a job runs: a shutdown waits for that job and counts it")
    func losingTheLastWhileAJobRuns() async throws {
        let running = try admitted(0)
        _ = try popped()
        running.leaveQueue()
        async let first = queue.waitUntilClosed(timeout: nil)
        queue.workerLost()
        #expect(await queue.waitUntilClosed(timeout: .zero) == 1)
        #expect(running.refusals.elements.isEmpty, "it has begun")
        queue.jobFinished()
        #expect(await first == 0)
        #expect(await queue.waitUntilClosed(timeout: nil) == 0)
    }

    @Test("losing the last worker: tasks that prefer the pool go on with Swift's own threads")
    func losingTheLastMovesTasks() async throws {
        let pool = try ContextPool(workers: 1, name: "lost")
        let plug = try await Plug(pool)
        let moved = Task(executorPreference: pool) { currentThreadName() }
        let waiting = try pool.submit { () async throws -> Int in 1 }
        pool.queue.workerLost()
        #expect(await moved.value != "lost-1")
        #expect(await waiting.settled.poolErrorCode == .shutDown)
        plug.release.open()
        try await plug.future.boundedValue
        #expect(await pool.shutDown(within: patience) == 0)
    }

    @discardableResult
    private func admitted(_ number: Int) throws -> TestJob {
        let job = TestJob(number, queue)
        try queue.admit(job)
        return job
    }

    /// What a worker would get; there must be something, since otherwise a worker waits.
    private func popped() throws -> TestJob? {
        guard case .job(let job) = queue.next() else { return nil }
        return job as? TestJob
    }
}

/// A job that keeps count of what the queue does to it.
private final class TestJob: RunnableJob {
    let number: Int
    let refusals = Record<ContextPoolError.Code>()
    let queue: JobQueue
    var isFinished: Bool { !refusals.elements.isEmpty }

    init(_ number: Int, _ queue: JobQueue) {
        self.number = number
        self.queue = queue
    }

    func refuse(_ error: ContextPoolError) {
        refusals.append(error.code)
        leaveQueue()
        ended()
    }

    func leaveQueue() { queue.leaveQueue(self) }

    func ended() { queue.jobFinished() }

    func run() {}

    func abandon(_ error: ContextPoolError) {}

    func stop() {}

    func flag() {}
}
