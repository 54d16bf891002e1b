import Glibc

/// The jobs on the calling thread's stack that it has submitted itself, and runs in the place of a worker.
///
/// Of the thread and not of its worker: any thread may submit, and each has a stack that ends. Nor a task-local, since a job may
/// hide those.
final class CallersStack {
    /// Those that only this knows: a worker knows its own.
    private var jobs: [any Job] = []
    private var depth = 0

    /// Whether there is room for one more.
    static var hasRoom: Bool { (existing?.depth ?? 0) < Worker.depthLimit }

    /// Runs a job that was admitted on the calling thread, and counts it out where it ends here.
    static func run(_ job: any Job) {
        let stack = current
        stack.depth += 1
        defer { stack.depth -= 1 }
        if let worker = Worker.current { return worker.runNested(.job(job)) }
        stack.jobs.append(job)
        defer { stack.jobs.removeLast() }
        job.queue.begun(job)
        RunningJob.$current.withValue(job) {
            if job.run() { job.queue.jobFinished(job) } else if job.isFinished { job.queue.forget(job) }
        }
    }

    private static var existing: CallersStack? {
        guard let pointer = unsafe pthread_getspecific(key) else { return nil }
        return unsafe Unmanaged<CallersStack>.fromOpaque(pointer).takeUnretainedValue()
    }

    private static var current: CallersStack {
        if let existing { return existing }
        let stack = CallersStack()
        unsafe pthread_setspecific(key, Unmanaged.passRetained(stack).toOpaque())
        return stack
    }

    /// A job may have ended the thread.
    private func abandonJobs() {
        for job in jobs { job.abandon(.workerDied("of the caller", job.submission.site)) }
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key) { value in
            guard let value = unsafe value else { return }
            unsafe Unmanaged<CallersStack>.fromOpaque(value).takeRetainedValue().abandonJobs()
        }
        return key
    }()
}
