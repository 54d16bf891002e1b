extension ContextPool: TaskExecutor {
    /// Queues a part of a task that prefers this pool; Swift calls it, you do not.
    ///
    /// It is not bounded by ``queueLimit``, since a task that has begun must be able to go on. After the shutdown of
    /// the pool such tasks go on with Swift's own threads, rather than never.
    ///
    /// - Parameter job: What to run.
    public func enqueue(_ job: consuming ExecutorJob) {
        let part = UnownedJob(job)
        holding { queue.resume(part, on: self) }
    }
}
