/// What becomes of a job when the request that submitted it is cancelled.
public struct JobLifetime: Sendable, Hashable {
    private let isDetached: Bool

    /// The job is of use to this request only: if it is cancelled, because its client has left or its time is up, a job
    /// that waits never begins, and one that runs is told.
    ///
    /// After a normal response the job goes on. Without a request there is nothing that could stop it.
    public static let withRequest = JobLifetime(isDetached: false)

    /// The job must be done whatever becomes of the request: a payment, a message that was promised.
    ///
    /// It has the context of the request as every job has, and a life of its own: neither it nor what it submits is stopped.
    public static let detached = JobLifetime(isDetached: true)
}
