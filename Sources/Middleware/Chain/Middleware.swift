public import ContextPool
public import EventServer

/// One step of the chain: sees each request on its way in and its response on the way out.
///
/// ```swift
/// struct TimingMiddleware: Middleware {
///     func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
///         let start = ContinuousClock.now
///         var response = try await next(request, in: context)
///         response.headers[.serverTiming] = "total;dur=\(start.duration(to: .now))"
///         return response
///     }
/// }
/// ```
///
/// The laws of the seam: a middleware calls `next` at most once (not at all to answer by itself), passes its errors on or
/// answers for them, and stays in the task it was called in, so that the context is the same on both sides of `next`. One
/// instance serves all requests, on several threads at once.
public protocol Middleware: Sendable {
    /// Handles a request, usually by way of `next`.
    ///
    /// It runs on the event loop of the request's connection, and must not block it.
    ///
    /// - Parameters:
    ///   - request: The request, as the step before passed it on.
    ///   - context: What belongs to the request; also `RequestContext.current`.
    ///   - next: The rest of the chain, and the handler.
    /// - Returns: The response, for the step before.
    /// - Throws: Any error. One that is an ``HTTPResponseError`` says itself what the client gets, every other becomes a 500.
    func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response
}

/// What answers a request at the end of the chain.
public typealias Handler = @Sendable (_ request: Request, _ context: RequestContext) async throws -> Response
