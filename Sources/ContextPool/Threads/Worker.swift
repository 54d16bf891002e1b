import Glibc

/// The loop that a thread of the pool runs: take something, do it, have no context again.
final class Worker: @unchecked Sendable {  // Only touched by its own thread, but for what never changes.
    let queue: JobQueue
    let number: Int

    /// The job that this thread runs, if it does not wait.
    private var job: (any Job)?

    /// Those that wait for it; not in one list with it, which each job would change twice.
    private var waitingJobs: [any Job] = []

    /// The jobs that this thread is in, innermost last.
    var jobs: [any Job] { job.map { waitingJobs + [$0] } ?? waitingJobs }

    var innermostJob: (any Job)? { job ?? waitingJobs.last }

    /// How many parts of tasks that are no jobs lie on the stack of this thread.
    private var plainParts = 0

    /// How many jobs and parts of tasks lie on the stack of this thread.
    var depth: Int { waitingJobs.count + (job == nil ? 0 : 1) + plainParts }

    /// The processor time of this thread when it began the current part of a task; zero in a pool that nobody measures.
    private var partBeganAt = Duration.zero

    /// What the current part of a task has used of the processor.
    var timeOfPart: Duration { PlatformThread.processorTime - partBeganAt }

    init(number: Int, queue: JobQueue) {
        self.number = number
        self.queue = queue
    }

    /// Starts a worker, and another one in its place for as long as jobs end their threads.
    ///
    /// - Parameters:
    ///   - name: The name of its thread.
    ///   - number: Its number in the pool, counted from 0.
    ///   - queue: What it takes its jobs from.
    ///   - prepare: Runs on the thread before the first job; what it throws ends the pool.
    ///   - canary: Asked after each job for what that left behind.
    /// - Throws: `threadUnavailable` where the system refuses the thread.
    static func start(
        name: String,
        number: Int,
        queue: JobQueue,
        prepare: (@Sendable () throws -> Void)?,
        canary: LeakCanary
    ) throws(ContextPoolError) {
        let worker = Worker(number: number, queue: queue)
        try PlatformThread.start(name: name) {
            // Before it is prepared, so that whoever wants another policy can say so there.
            PlatformThread.waitForItsTurn()
            worker.adopt()
            do { try prepare?() } catch {
                queue.close(cancelsWaiting: true, because: .initializerFailed(pool: queue.pool, error))
            }
            worker.work(canary)
        } atEnd: { ending in
            // What else ends with the thread may ask, and the worker is gone then.
            pthread_setspecific(key, nil)
            guard ending == .exited else { return }
            // The replacement comes first: completing the future may start something that needs it.
            do throws(ContextPoolError) {
                try start(name: name, number: number, queue: queue, prepare: prepare, canary: canary)
            } catch { queue.workerLost() }
            for job in worker.jobs { job.abandon(.workerDied(name, job.submission.site)) }
        }
    }

    /// Makes the calling thread the worker's own; whoever calls keeps the worker for as long.
    func adopt() { unsafe pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque()) }

    /// The worker whose thread this is, if it is one.
    static var current: Worker? {
        guard let pointer = unsafe pthread_getspecific(key) else { return nil }
        return unsafe Unmanaged<Worker>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Runs a part of a task on the calling thread, within whatever runs there; the part sees nothing of that.
    static func run(_ part: UnownedJob, on executor: some TaskExecutor) {
        // Unowned by their types only: the executor is held by the caller, and the part is run exactly once, here.
        unsafe part.runSynchronously(on: executor.asUnownedTaskExecutor())
    }

    private func work(_ canary: LeakCanary) {
        canary.settleIn()
        var hasFinished = false
        while let item = queue.next(for: number, hasFinished: hasFinished) {
            hasFinished = run(item)
            canary.check(after: item)
        }
    }

    /// Runs something from the queue on this thread; whether that has ended a job, which is then to be counted.
    func run(_ item: JobQueue.Item) -> Bool {
        switch item {
        case .job(let job):
            self.job = job
            defer { self.job = nil }
            return measured(for: job) { job.run() }
        case .resumption(let part, let executor):
            guard let job = executor as? any Job else {
                plainParts += 1
                defer { plainParts -= 1 }
                Self.run(part, on: executor)
                return false
            }
            self.job = job
            defer { self.job = nil }
            measured(for: job) { Self.run(part, on: executor) }
            return false
        }
    }

    /// Runs something from the queue while the innermost job waits, which must not see nor be seen by it.
    func runNested(_ item: JobQueue.Item) {
        // A part of a task may wait as well, and is no job.
        let outer = job
        if let outer { waitingJobs.append(outer) }
        job = nil
        defer {
            if outer != nil { waitingJobs.removeLast() }
            job = outer
        }
        guard case .job(let job) = item else {
            _ = run(item)
            return
        }
        // The thread's task-locals are those of the job that waits. A task of its own is the one thing that hides them all.
        // Not of this worker, where that runs in the place of one of another pool.
        let queue = job.queue
        queue.begun(job)
        BareTask.run { [self] in
            // One that was refused is counted out already, and must not be kept; one that is suspended has begun.
            if run(item) { queue.jobFinished(job) } else if job.isFinished { queue.forget(job) }
        }
    }

    private func measured<Result>(for job: any Job, _ part: () -> Result) -> Result {
        guard queue.measures else { return part() }
        let outer = partBeganAt
        partBeganAt = PlatformThread.processorTime
        defer {
            job.charge(timeOfPart)
            partBeganAt = outer
        }
        return part()
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key, nil)
        return key
    }()
}
