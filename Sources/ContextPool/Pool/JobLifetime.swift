/// What becomes of a job when the request that submitted it ends: `pool.submit(.afterResponse) { }`.
public struct JobLifetime: Sendable, Hashable {
    private enum Kind {
        case withRequest
        case detached
        case afterResponse
    }

    private let kind: Kind

    /// The job is of use to this request only: if it is cancelled, because its client has left or its time is up, a job
    /// that waits never begins, and one that runs is told.
    ///
    /// After a normal response the job goes on. Without a request there is nothing that could stop it.
    public static let withRequest = JobLifetime(kind: .withRequest)

    /// The job must be done whatever becomes of the request: a payment, a message that was promised.
    ///
    /// It has the context of the request as every job has, and a life of its own: neither it nor what it submits is stopped.
    public static let detached = JobLifetime(kind: .detached)

    /// The job begins when the request is over: its response was sent, or given up because the client had left.
    ///
    /// It has its place in the queue from the beginning, so that a full pool refuses it while the handler can still say so.
    /// Beyond that it is like ``detached``. Without a request, and after the end of it, it waits for nothing.
    public static let afterResponse = JobLifetime(kind: .afterResponse)

    /// Whether the job goes on without its request.
    var isDetached: Bool { kind != .withRequest }
}
