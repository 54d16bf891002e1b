import ContextPool

/// Where code submits from: outside of everything, or inside a request with a handful of values.
enum Submitter: String, CaseIterable {
    case plain = "no context"
    case request = "in a request"

    func run<Result>(with pool: ContextPool, _ body: () throws -> Result) rethrows -> Result {
        switch self {
        case .plain: try body()
        case .request: try RequestContext.withCurrent(Self.makeRequest(pool), body)
        }
    }

    func run<Result>(with pool: ContextPool, _ body: () async throws -> Result) async rethrows -> Result {
        switch self {
        case .plain: try await body()
        case .request: try await RequestContext.withCurrent(Self.makeRequest(pool), body)
        }
    }

    private static func makeRequest(_ pool: ContextPool) -> RequestContext {
        let request = RequestContext(app: AppContext(name: "benchmarks", pool: pool))
        for name in ["requestID", "tenant", "user", "locale", "plan"] { request.g[named: name] = "value of \(name)" }
        return request
    }
}
