/// The job that the calling code runs in.
///
/// Everything here reads as if there were none outside of a job, and never throws for that reason.
public enum CurrentJob {
    /// What is known of it; `nil` outside of a job.
    public static var info: JobInfo? { job?.info }

    /// Whether its result is no longer wanted, which a long job asks from time to time.
    ///
    /// Its future was cancelled, or its request; its time is up; or the pool shuts down with `cancelAll`.
    public static var isCancelled: Bool {
        job?.isUnwanted ?? false || Task.isCancelled || RequestContext.current?.isCancelled ?? false
    }

    /// Throws where ``isCancelled``, for a job that has nothing to tidy up.
    ///
    /// - Throws: `CancellationError`.
    public static func checkCancellation() throws(CancellationError) {
        if isCancelled { throw CancellationError() }
    }

    static var job: (any Job)? { RunningJob.current ?? Worker.current?.innermostJob }
}
