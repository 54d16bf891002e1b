/// A task that runs on the thread which makes it, at once, and hides all task-locals of whatever runs there.
enum BareTask {
    /// Runs `body`, and returns when it has ended.
    static func run(_ body: @escaping @Sendable () -> Void) {
        let carrier = Carrier()
        let task = Task.detached(executorPreference: carrier) { body() }
        withExtendedLifetime(task) { carrier.run() }
    }

    private final class Carrier: TaskExecutor, @unchecked Sendable {  // Only touched by the thread that made it.
        private var part: UnownedJob?

        func enqueue(_ job: consuming ExecutorJob) { part = UnownedJob(job) }

        func run() { if let part = part.take() { Worker.run(part, on: self) } }
    }
}
