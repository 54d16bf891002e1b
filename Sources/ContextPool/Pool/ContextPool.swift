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
    let home: FutureHome

    /// Creates a pool and starts its threads.
    ///
    /// - Parameters:
    ///   - workers: How many threads; by default four more than there are processors, at most 32, since jobs often
    ///     wait.
    ///   - queueLimit: How many submitted jobs may wait for a thread. Running ones do not count.
    ///   - name: Threads are called `name-1`, `name-2`, ...; the kernel shows the first 15 bytes.
    ///   - propagators: What else travels with a plain closure, beside the app context and the request context.
    /// - Throws: ``ContextPoolError`` with the code `invalidConfiguration` for fewer than one worker or one place in
    ///   the queue, `threadUnavailable` where the system refuses the threads.
    public init(
        workers: Int = ContextPool.defaultWorkers,
        queueLimit: Int = 1024,
        name: String = "pool",
        propagators: [ContextPropagator] = []
    ) throws(ContextPoolError) {
        guard workers >= 1 else {
            throw .invalidConfiguration("A pool needs at least 1 worker, but workers is \(workers).")
        }
        guard queueLimit >= 1 else {
            throw .invalidConfiguration(
                "A pool needs room for at least 1 waiting job, but queueLimit is \(queueLimit)."
            )
        }
        self.name = name
        self.workers = workers
        self.propagators = propagators
        queue = JobQueue(pool: name, limit: queueLimit, workers: workers)
        home = FutureHome(queue: queue, propagators: propagators)
        do throws(ContextPoolError) {
            for number in 1...workers { try Worker.start(name: "\(name)-\(number)", queue: queue) }
        } catch {
            // The threads that did start must not wait for ever for a pool that nobody has.
            queue.close(cancelsWaiting: true)
            throw error
        }
    }

    deinit { queue.close(cancelsWaiting: false) }

    /// How many workers a pool has where nothing else is said: four more than processors, at most 32.
    public static var defaultWorkers: Int { min(32, PlatformThread.processorCount + 4) }
}
