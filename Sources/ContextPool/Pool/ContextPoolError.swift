/// A pool, a future or a thread could not do what was asked.
///
/// Errors that a job's own body throws are not wrapped: they come out of its future as they are. A job whose future was
/// cancelled before it started ends with Swift's `CancellationError`.
public struct ContextPoolError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for code that decides by it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// As many jobs wait as the pool allows; the submission was refused.
        public static let queueFull = Code(description: "queueFull")
        /// The pool is shutting down or has shut down; the submission was refused, or the job will never run.
        public static let shutDown = Code(description: "shutDown")
        /// The request that the job belongs to was cancelled, so the job was refused, or will never run.
        public static let requestCancelled = Code(description: "requestCancelled")
        /// `wait(timeout:)` gave up; the job goes on.
        public static let timedOut = Code(description: "timedOut")
        /// The thread that ran the job ended underneath it.
        public static let workerDied = Code(description: "workerDied")
        /// The pool was asked for with numbers it cannot work with.
        public static let invalidConfiguration = Code(description: "invalidConfiguration")
        /// The system refused to start another thread.
        public static let threadUnavailable = Code(description: "threadUnavailable")
    }

    /// What went wrong.
    public let code: Code

    /// What happened and what to do, in whole sentences.
    public let description: String

    static func queueFull(pool: String, limit: Int) -> ContextPoolError {
        ContextPoolError(
            code: .queueFull,
            description: """
                The queue of pool "\(pool)" is full: \(limit) jobs are waiting. Answer 503 and let the client try \
                again, submit fewer jobs per request, or raise the pool's queueLimit or workers.
                """
        )
    }

    static func shutDown(pool: String) -> ContextPoolError {
        ContextPoolError(
            code: .shutDown,
            description: """
                The pool "\(pool)" is shut down, so this job will not run. Submit before shutDown is called, or hand \
                the work to a pool that lives longer.
                """
        )
    }

    static let requestCancelled = ContextPoolError(
        code: .requestCancelled,
        description: """
            The request that this job belongs to was cancelled: its client has left, or its time is up. So the job will \
            not run. Submit what must be done all the same with pool.submit(.detached) { }.
            """
    )

    static func timedOut(after timeout: Duration) -> ContextPoolError {
        ContextPoolError(
            code: .timedOut,
            description: """
                The job did not finish within \(timeout). It goes on: wait again, or call cancel() if its result is no \
                longer of use.
                """
        )
    }

    static func workerDied(_ name: String) -> ContextPoolError {
        ContextPoolError(
            code: .workerDied,
            description: """
                The thread "\(name)" ended underneath the closure that it ran, most likely because that called \
                pthread_exit. Return or throw from the closure instead.
                """
        )
    }

    static func invalidConfiguration(_ problem: String) -> ContextPoolError {
        ContextPoolError(code: .invalidConfiguration, description: problem)
    }

    static func threadUnavailable(name: String, errno: Int32) -> ContextPoolError {
        ContextPoolError(
            code: .threadUnavailable,
            description: """
                The system refused to start the thread "\(name)" (errno \(errno)). Ask for fewer workers, or raise the \
                limit on threads (ulimit -u, or the container's pids limit).
                """
        )
    }
}
