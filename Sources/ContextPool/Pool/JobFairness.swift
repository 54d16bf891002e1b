/// Between whom the workers divide their turns: `ContextPool(fairness: .by(TenantKey.self))`.
///
/// Jobs that wait in the same lane form flows, which take turns, one job each. So one request that submits 10,000 jobs does
/// not keep the others waiting for more than one job a turn. Within a flow the order is that of submission.
public struct JobFairness: Sendable {
    /// The flow of a job that was submitted with this context; `nil` where each request is one.
    let flow: (@Sendable (RequestContext) -> Int)?

    /// Each request is a flow, with everything that its jobs submit; what belongs to no request is one flow together.
    public static let byRequest = JobFairness(flow: nil)

    /// All jobs are one flow: first come, first served.
    public static let none = JobFairness { _ in 0 }

    /// Requests with the same value of `key` are one flow together: a tenant's, a user's.
    ///
    /// - Parameter key: The key whose value names the flow.
    /// - Returns: That fairness.
    public static func by<Key: ContextKey>(_ key: Key.Type) -> JobFairness where Key.Value: Hashable {
        // Two values with the same hash share their turns; that is no harm, and spares a copy of the value for each job.
        JobFairness { $0.g[key].hashValue }
    }
}
