/// What outlives any single request: the application's pool, settings and services.
///
/// One is made at start-up and shared by every request and every job; it never changes afterwards, so reading it from
/// any thread needs no lock. ``current`` is set while a request is handled and inside everything submitted from there.
public final class AppContext: Sendable {
    /// The application's name, for logs and errors.
    public let name: String

    /// The pool on which handlers run background work.
    public let pool: ContextPool

    /// Settings and services, written at start-up and read through ``ContextKey`` accessors.
    public let values: ContextValues

    /// Creates the context of an application.
    ///
    /// - Parameters:
    ///   - name: The application's name.
    ///   - pool: The pool that ``RequestContext/pool`` hands to handlers.
    ///   - values: Settings and services.
    public init(name: String, pool: ContextPool, values: ContextValues = ContextValues()) {
        self.name = name
        self.pool = pool
        self.values = values
    }

    /// The application whose request or job this code runs in, or `nil` outside of both.
    public static var current: AppContext? { ContextScope.current.app }

    /// The application whose request or job this code runs in.
    ///
    /// - Returns: The current application context.
    /// - Throws: ``ContextError/Code-swift.struct/outsideAppContext`` where there is none.
    public static func require() throws(ContextError) -> AppContext {
        guard let current else { throw .outsideAppContext }
        return current
    }

    /// Runs `operation` inside `app`, without a request, and restores what was current before.
    ///
    /// - Parameters:
    ///   - app: The application that is current inside of `operation`.
    ///   - operation: What to run; on the calling thread, before this method returns.
    /// - Returns: What `operation` returns.
    /// - Throws: What `operation` throws.
    public static func withCurrent<Result, Failure: Error>(
        _ app: AppContext,
        _ operation: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try ContextScope.app(app).bind(operation)
    }

    /// Runs an async `operation` inside `app`, without a request, and restores what was current before.
    ///
    /// - Parameters:
    ///   - app: The application that is current inside of `operation`, on whichever thread it resumes.
    ///   - operation: What to run.
    /// - Returns: What `operation` returns.
    /// - Throws: What `operation` throws.
    public static func withCurrent<Result, Failure: Error>(
        _ app: AppContext,
        _ operation: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await ContextScope.app(app).bind(operation)
    }
}
