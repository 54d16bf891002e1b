public import ContextPool
public import EventServer

/// A middleware that has all to do before the rest of the chain: it prepares the context, or throws to refuse.
///
/// ```swift
/// struct TenantMiddleware: PreparingMiddleware {
///     func prepare(_ request: Request, in context: RequestContext) throws {
///         guard let tenant = request.header(.tenant) else { throw HTTPError(.badRequest, "Which tenant?") }
///         context.g.tenant = tenant
///     }
/// }
/// ```
///
/// What is to be done to the response it leaves with ``RequestContext/onResponse(_:)``, and what is to be done at the end with
/// `onTeardown`. A chain calls ``prepare(_:in:)`` as a plain function, and waits for nothing: such a step costs less than one
/// that awaits the rest. Its `handle` is called for requests that ``needsToWait(for:)`` picks out, as by default it does none, and
/// by whoever calls it by hand.
public protocol PreparingMiddleware: Middleware {
    /// Whether this request has to be handled by `handle`, because something has to be awaited for it.
    ///
    /// `auth` says so of requests with a token, and prepares all others at once. Left out, none has to.
    ///
    /// - Parameter request: The request.
    /// - Returns: Whether `handle` is called, and ``prepare(_:in:)`` is not.
    func needsToWait(for request: Request) -> Bool

    /// Prepares what the rest of the chain needs.
    ///
    /// It runs on the event loop of the request's connection, and must not block it.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: What belongs to the request; also `RequestContext.current`.
    /// - Throws: Any error, for which the rest of the chain is not run. One that is an ``HTTPResponseError`` says itself what the
    ///   client gets, every other becomes a 500.
    func prepare(_ request: Request, in context: RequestContext) throws
}

extension PreparingMiddleware {
    /// None has to.
    ///
    /// - Parameter request: The request.
    /// - Returns: `false`.
    public func needsToWait(for request: Request) -> Bool { false }

    /// Prepares, and goes on.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest.
    /// - Throws: What ``prepare(_:in:)`` throws, or the error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        try prepare(request, in: context)
        return try await next(request, in: context)
    }
}
