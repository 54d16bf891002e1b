import ContextPool

/// Lets others go on at the moments of which the pool tells, and passes on what it tells.
///
/// These moments are between two steps of the pool's own work, and under none of its locks: after a job was taken in and before
/// it can be cancelled, after it has begun, after its context was cleared and before its future completes.
struct InterleavingObserver: ContextPoolObserver {
    let other: (any ContextPoolObserver)?
    let pause: @Sendable (String) -> Void

    var measuresJobs: Bool { other?.measuresJobs ?? false }

    func ifUnseen(_ job: JobInfo?, _ error: any Error) -> (@Sendable () -> Void)? { other?.ifUnseen(job, error) }

    func jobSubmitted(_ job: JobInfo) {
        other?.jobSubmitted(job)
        pause("has submitted \(job)")
    }

    func submissionRefused(_ job: JobInfo, _ error: ContextPoolError) {
        other?.submissionRefused(job, error)
        pause("was refused \(job)")
    }

    func jobNeverRan(_ job: JobInfo, _ reason: any Error, waited: Duration) {
        other?.jobNeverRan(job, reason, waited: waited)
        pause("has ended \(job)")
    }

    func jobRan(_ job: JobInfo, _ run: JobRun) {
        other?.jobRan(job, run)
        pause("completes \(job)")
    }

    func visitEnded(_ visit: JobInfo, _ run: JobRun) {
        other?.visitEnded(visit, run)
        pause("goes back from \(visit)")
    }

    func callbackFailed(_ job: JobInfo?, _ error: any Error) { other?.callbackFailed(job, error) }

    func contextLeaked(_ job: JobInfo?, _ name: String) { other?.contextLeaked(job, name) }

    func around<Value>(_ job: JobInfo, _ body: () throws -> Value) throws -> Value {
        pause("begins \(job)")
        return try other?.around(job, body) ?? body()
    }

    func around<Value: Sendable>(_ job: JobInfo, _ body: () async throws -> Value) async throws -> Value {
        pause("begins \(job)")
        guard let other else { return try await body() }
        return try await other.around(job, body)
    }
}
