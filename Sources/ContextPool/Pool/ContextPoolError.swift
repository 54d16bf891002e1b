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
        /// The time that the job or its request was given is up, so the job was refused, or will never run.
        public static let deadlinePassed = Code(description: "deadlinePassed")
        /// The job gave its place to another one, since the pool was full; it will never run.
        public static let dropped = Code(description: "dropped")
        /// Waiting here could not end: the job that is waited for waits for this one.
        public static let wouldDeadlock = Code(description: "wouldDeadlock")
        /// `wait` was called on an event loop.
        public static let wouldBlockLoop = Code(description: "wouldBlockLoop")
        /// A worker could not be prepared for its first job, so the pool runs none.
        public static let initializerFailed = Code(description: "initializerFailed")
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

    static func shutDown(pool: String, site: SourceSite? = nil) -> ContextPoolError {
        ContextPoolError(
            code: .shutDown,
            description: """
                The pool "\(pool)" is shut down, so this job\(submitted(at: site)) will not run. Submit before shutDown is \
                called, or hand the work to a pool that lives longer.
                """
        )
    }

    static func requestCancelled(_ site: SourceSite?) -> ContextPoolError {
        ContextPoolError(
            code: .requestCancelled,
            description: """
                The request that this job\(submitted(at: site)) belongs to was cancelled: its client has left, or its time is \
                up. So the job will not run. Submit what must be done all the same with pool.submit(.detached) { }.
                """
        )
    }

    static func deadlinePassed(_ site: SourceSite?) -> ContextPoolError {
        ContextPoolError(
            code: .deadlinePassed,
            description: """
                The time that this job\(submitted(at: site)) or its request was given is up, and the job had not begun. So it \
                will not run. Give it more with submit(within:), or submit what must be done all the same with \
                pool.submit(.detached) { }.
                """
        )
    }

    static func dropped(pool: String, limit: Int) -> ContextPoolError {
        ContextPoolError(
            code: .dropped,
            description: """
                The queue of pool "\(pool)" is full: \(limit) jobs are waiting, and this one gave its place to a newer one. \
                Submit fewer jobs, raise the pool's queueLimit or workers, or have new jobs refused instead with \
                whenFull: .reject.
                """
        )
    }

    static func wouldDeadlock(_ reason: String) -> ContextPoolError {
        ContextPoolError(
            code: .wouldDeadlock,
            description: """
                Waiting for this future here would never end: \(reason). Await it with 'try await future.value' in an async \
                job, which holds no worker; or return the future and let the caller wait.
                """
        )
    }

    static let wouldBlockLoop = ContextPoolError(
        code: .wouldBlockLoop,
        description: """
            Waiting for this future here would hold up the event loop with all its connections. Use 'try await \
            future.value', or run the route's handler on the pool with router.get("...", on: .pool).
            """
    )

    static func initializerFailed(pool: String, _ error: any Error) -> ContextPoolError {
        ContextPoolError(
            code: .initializerFailed,
            description: """
                A worker of pool "\(pool)" could not be prepared, so the pool runs no jobs: \(error). Correct what the \
                pool's prepareWorker does, and start again.
                """
        )
    }

    private static func submitted(at site: SourceSite?) -> String { site.map { ", submitted at \($0)," } ?? "" }

    static func timedOut(after timeout: Duration?) -> ContextPoolError {
        ContextPoolError(
            code: .timedOut,
            description: """
                The job did not finish within \(timeout ?? .zero). It goes on: wait again, or call cancel() if its result is \
                no longer of use.
                """
        )
    }

    static func workerDied(_ name: String, _ site: SourceSite? = nil) -> ContextPoolError {
        ContextPoolError(
            code: .workerDied,
            description: """
                The thread "\(name)" ended underneath the closure\(submitted(at: site)) that it ran, most likely because that \
                called pthread_exit. Return or throw from the closure instead.
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
