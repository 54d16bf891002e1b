extension CurrentJob {
    /// The job as others find it; `nil` outside of one that was submitted with `submit(named:keptFor:)`.
    ///
    /// Jobs that it submits are not it: hand them this object where they are to report for it.
    public static var kept: KeptJob? {
        guard let running = KeptJob.running, running.isOf(job) else { return nil }
        return running.job
    }

    /// Says how far this job is, for whoever follows it; without anybody who could, it does nothing.
    ///
    /// It costs little, and may be called often: followers get the latest.
    ///
    /// - Parameters:
    ///   - fraction: How much is done. Less than 0 counts as 0, more than 1 as 1, and what is no number is left out.
    ///   - message: What it is at, in words for whoever waits; what it said last stays where it is `nil`.
    public static func report(_ fraction: Double, _ message: String? = nil) { kept?.report(fraction, message) }
}

extension KeptJob {
    /// A kept job whose body runs, and which job of its pool that is.
    ///
    /// A task-local reaches further than the job: into what runs on its worker while it waits, and into the tasks that it
    /// submits. They are other jobs, and have other numbers.
    struct Running: Sendable {
        let job: KeptJob
        /// Both `nil` where the submitter runs the body himself.
        private let number: UInt64?
        private let queue: ObjectIdentifier?

        init(_ job: KeptJob) {
            self.job = job
            let current = CurrentJob.job
            number = current?.submission.number
            queue = current.map { ObjectIdentifier($0.queue) }
        }

        func isOf(_ other: (any Job)?) -> Bool {
            other?.submission.number == number && other.map { ObjectIdentifier($0.queue) } == queue
        }
    }

    @TaskLocal static var running: Running?

    /// Runs the body of the job on the calling thread.
    func run<Value>(_ body: () throws -> Value) throws -> Value {
        begin()
        return try Self.$running.withValue(Running(self)) { try body() }
    }

    /// Runs the async body of the job.
    func runAsync<Value>(_ body: () async throws -> Value) async throws -> Value {
        begin()
        return try await Self.$running.withValue(Running(self)) { try await body() }
    }
}
