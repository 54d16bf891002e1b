/// The loop that a thread of the pool runs: take something, do it, have no context again.
enum Worker {
    /// Starts a worker, and another one in its place for as long as jobs end their threads.
    static func start(name: String, queue: JobQueue) throws(ContextPoolError) {
        let current = CurrentJob()
        try PlatformThread.start(name: name) {
            while let item = queue.next() {
                switch item {
                case .job(let job):
                    current.job = job
                    job.run()
                    current.job = nil
                case .resumption(let resumption, let pool):
                    // Unowned by their types only: the pool is held by `item`, the resumption is run exactly once,
                    // here.
                    unsafe resumption.runSynchronously(on: pool.asUnownedTaskExecutor())
                }
            }
        } atEnd: { ending in
            guard ending == .exited else { return }
            // The replacement comes first: completing the future may start something that needs it.
            do throws(ContextPoolError) { try start(name: name, queue: queue) } catch { queue.workerLost() }
            (current.job ?? RunningJob.current)?.abandon(.workerDied(name))
        }
    }

    /// What a worker is at, for its last act.
    private final class CurrentJob: @unchecked Sendable {  // `job` is only touched by the worker's own thread.
        var job: (any RunnableJob)?
    }
}
