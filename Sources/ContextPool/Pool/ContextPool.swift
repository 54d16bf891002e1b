import Synchronization

/// An executor whose jobs know whose request they belong to.
///
/// A fixed number of threads takes jobs from one bounded queue. Each ``submit(_:)-(()->Value)`` copies the app context
/// and the request context of the submitting code into the job, whichever request that is at that moment: one pool,
/// made at start-up, serves all requests.
///
/// It is usable from any thread. As a `TaskExecutor` it can be the preference of any task. It ends with
/// ``shutDown(_:within:)``; a pool that is dropped without it finishes its jobs and then lets its threads go.
public final class ContextPool: Sendable {
    /// The pool's name, for errors; its threads are named after it.
    public let name: String

    /// How many threads run jobs.
    public let workers: Int

    /// How many jobs may wait for a thread before `submit` throws `queueFull`.
    public var queueLimit: Int { queue.limit }

    let queue: JobQueue
    let propagators: [ContextPropagator]
    let selection: ContextSelection
    let fairness: JobFairness
    let canary: LeakCanary
    @usableFromInline let home: FutureHome
    let keptJobs: KeptJobs

    /// Creates a pool and starts its threads.
    ///
    /// - Parameters:
    ///   - workers: How many threads; by default four more than there are processors, at most 32, since jobs often
    ///     wait.
    ///   - queueLimit: How many submitted jobs may wait for a thread. Running ones do not count.
    ///   - whenFull: What becomes of a job that comes when as many wait.
    ///   - fairness: Between whom the workers divide their turns.
    ///   - name: Threads are called `name-1`, `name-2`, ...; the kernel shows the first 15 bytes.
    ///   - propagators: What else travels with a plain closure, beside the app context and the request context.
    ///   - selection: Which part of the context jobs get, where `submit` says nothing else.
    ///   - keptJobs: How many jobs of `submit(named:keptFor:)` can be found after their end, at most; of more, those
    ///     whose time would be up first are forgotten before it is.
    ///   - observer: Is told what happens.
    ///   - prepareWorker: Runs on each worker before its first job, and on the one that takes the place of a worker that has
    ///     died. Where it throws the pool runs nothing: jobs that wait fail, and `submit` throws `initializerFailed`.
    /// - Throws: ``ContextPoolError`` with the code `invalidConfiguration` for fewer than one worker or more than 4096, fewer
    ///   than one place in the queue, or fewer than no kept jobs, `threadUnavailable` where the system refuses the threads.
    public convenience init(
        workers: Int = ContextPool.defaultWorkers,
        queueLimit: Int = 1024,
        whenFull: FullQueuePolicy = .reject,
        fairness: JobFairness = .byRequest,
        name: String = "pool",
        propagators: [ContextPropagator] = [],
        context selection: ContextSelection = .all,
        keptJobs: Int = 1024,
        observer: (any ContextPoolObserver)? = nil,
        prepareWorker: (@Sendable () throws -> Void)? = nil
    ) throws(ContextPoolError) {
        guard workers >= 1 else {
            throw .invalidConfiguration("A pool needs at least 1 worker, but workers is \(workers).")
        }
        guard workers <= Self.mostWorkers else {
            throw .invalidConfiguration(
                "A pool has at most \(Self.mostWorkers) workers, but workers is \(workers). Each is a thread with a stack of its own."
            )
        }
        guard queueLimit >= 1 else {
            throw .invalidConfiguration(
                "A pool needs room for at least 1 waiting job, but queueLimit is \(queueLimit)."
            )
        }
        guard keptJobs >= 0 else {
            throw .invalidConfiguration("A pool cannot keep fewer than 0 jobs, but keptJobs is \(keptJobs).")
        }
        try selection.check(against: propagators)
        self.init(
            name: name,
            queue: JobQueue(
                pool: name,
                limit: queueLimit,
                workers: workers,
                whenFull: whenFull,
                observer: observer
            ),
            workers: workers,
            fairness: fairness,
            propagators: propagators,
            selection: selection,
            keptJobs: keptJobs
        )
        do throws(ContextPoolError) {
            for number in 0..<workers {
                try Worker.start(
                    name: "\(name)-\(number + 1)",
                    number: number,
                    queue: queue,
                    prepare: prepareWorker,
                    canary: canary
                )
            }
        } catch {
            // The threads that did start must not wait for ever for a pool that nobody has.
            queue.close(cancelsWaiting: true)
            throw error
        }
    }

    /// Creates a pool without threads, whose queue somebody else works off.
    init(
        name: String,
        queue: JobQueue,
        workers: Int,
        fairness: JobFairness = .byRequest,
        propagators: [ContextPropagator] = [],
        selection: ContextSelection = .all,
        keptJobs: Int = 1024
    ) {
        self.name = name
        self.selection = selection
        self.workers = workers
        self.queue = queue
        self.fairness = fairness
        self.propagators = propagators
        let observer = queue.observer
        home = FutureHome(
            queue: queue,
            propagators: propagators,
            selection: selection,
            onCallbackError: { observer?.callbackFailed($0, $1) },
            onUnaskedFailure: { observer?.ifUnseen($0, $1) }
        )
        self.keptJobs = KeptJobs(limit: keptJobs, clock: queue.clock, alarm: home.alarm)
        canary = LeakCanary(propagators: propagators, observer: queue.observer)
    }

    deinit { queue.close(cancelsWaiting: false) }

    var alarm: DeadlineAlarm { home.alarm }

    /// How many jobs wait for a worker, those that wait for the end of their request included.
    public var waitingJobs: Int { queue.waiting }

    /// How many jobs were submitted and have not ended: those that wait, run, or are suspended.
    public var unfinishedJobs: Int { queue.unfinished }

    /// How often a job has left something behind on its worker, which the next would have seen; 0 in a healthy program.
    public var contextLeaks: Int { canary.count }

    /// More threads than any machine is of use for; a slip of the pen must not ask the system for a billion.
    private static let mostWorkers = 4096

    /// How many workers a pool has where nothing else is said: four more than processors, at most 32.
    public static var defaultWorkers: Int { min(32, PlatformThread.processorCount + 4) }
}
