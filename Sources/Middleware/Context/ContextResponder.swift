public import ContextPool
public import EventServer

/// The one place where requests and contexts meet: gives each request its context, and ends that with the response.
public struct ContextResponder: Responder {
    private let app: AppContext
    private let way: Next
    private let timeLimit: Duration?
    private let lease: (any AnyObject & Sendable)?
    /// Whether nobody but the server cancels the task, which tells of that in a cheaper way.
    private let isServers: Bool

    /// Creates a responder.
    ///
    /// - Parameters:
    ///   - app: The application that the requests belong to.
    ///   - chain: What each request passes on its way.
    ///   - handler: What answers it in the end.
    ///   - timeLimit: How long the server waits for an answer, counted from when it has the whole request. Jobs inherit it: what
    ///     has not begun by then does not begin. It is over with the answer; whoever calls ends the request itself.
    ///   - lease: What each request holds on to until it has ended: when nobody does any more, it dies.
    public init(
        app: AppContext,
        chain: MiddlewareChain,
        handler: @escaping Handler,
        timeLimit: Duration? = nil,
        lease: (any AnyObject & Sendable)? = nil
    ) {
        self.app = app
        self.way = chain.way(to: Next(handler))
        self.timeLimit = timeLimit
        self.lease = lease
        isServers = false
    }

    /// Creates a responder that a server alone calls, whose requests go a way that is laid already.
    package init(serving app: AppContext, by way: Next, timeLimit: Duration?, lease: (any AnyObject & Sendable)?) {
        isServers = true
        self.app = app
        self.way = way
        self.timeLimit = timeLimit
        self.lease = lease
    }

    /// Tells the pools that code on this loop must not block, whether it belongs to a request or not.
    public func prepareLoop() { EventLoopThread.markCurrent() }

    /// Answers a request inside a context of its own, whose teardown runs when the response has been sent or given up.
    ///
    /// Cancelling the task, which the server does when the client has left, cancels the context and with it the jobs.
    ///
    /// - Parameter request: The request.
    /// - Returns: The response; every error has become one.
    public func respond(to request: Request) async -> Response {
        let request = request.body.isEmpty ? request : noticing(request)
        let context = RequestContext(
            app: app,
            values: ContextValues(request: request),
            within: request.body.isEmpty ? timeLimit : nil,
            companion: Answering(lease: lease)
        )
        var response: Response
        if isServers, request.isServed {
            request.listener = context
            response = await RequestContext.withCurrent(context) { await answer(request, context) }
            request.listener = nil
        } else {
            response = await withTaskCancellationHandler {
                await RequestContext.withCurrent(context) { await answer(request, context) }
            } onCancel: {
                context.cancel()
            }
        }
        if timeLimit != nil { context.liftTimeLimit() }
        if response.body.isStream {
            response.body = response.body.wrappingProducer { produce, writer in
                try await Self.within(context) { try await produce(writer) }
            }
        }
        response.whenSent(tell: context)
        return response
    }

    /// Passes the chain, of which every error becomes a response.
    @inline(__always)
    private func answer(_ request: Request, _ context: RequestContext) async -> Response {
        var response: Response
        do {
            response = try await way(request, in: context)
        } catch {
            response = ErrorResponse.make(for: error, request: request, logger: context.logger)
        }
        context.runResponseHooks(on: &response)
        return response
    }

    /// A request whose body tells who reads it too late, and when all of it is there.
    private func noticing(_ request: Request) -> Request {
        let request = request.explainingLateReads {
            RequestContext.current?.capturedAt.map { "The job that reads it has captured its context at \($0)." }
        }
        guard let timeLimit else { return request }
        // A body may take its time to arrive, as long as it keeps the minimum rate.
        return request.noticingEndOfBody { RequestContext.current?.requestIsWhole(timeLimit) }
    }

    /// Runs `operation` with `context` as the current one, and cancels the context when the task is cancelled meanwhile.
    ///
    /// For each part of a request's work, one after the other, in the request's task: the chain, and then the producer of
    /// a body. Where the task has been cancelled before, the context is at once.
    static func within<Result>(
        _ context: RequestContext,
        _ operation: () async throws -> Result
    ) async throws -> Result {
        try await withTaskCancellationHandler {
            try await RequestContext.withCurrent(context, operation)
        } onCancel: {
            context.cancel()
        }
    }
}
