public import ContextPool
public import EventServer

/// The rest of the chain, as a middleware sees it: `try await next(request, in: context)`.
public struct Next: Sendable {
    /// A step that waits for the rest, and what comes behind it.
    @usableFromInline final class Link: Sendable {
        @usableFromInline let middleware: any Middleware
        @usableFromInline let next: Next

        init(_ middleware: any Middleware, _ next: Next) {
            self.middleware = middleware
            self.next = next
        }
    }

    /// What has to be awaited.
    ///
    /// Not a handler for each step: that would be one more async call for each, which costs more than most steps do.
    @usableFromInline enum Stop: Sendable {
        case step(Link)
        case end(Handler)
    }

    private enum Way {
        case stop(Stop)
        case passage(any Passage)
    }

    private let way: Way

    package init(_ handler: @escaping Handler) { way = .stop(.end(handler)) }

    init(_ middleware: any Middleware, _ next: Next) {
        if let preparing = middleware as? any PreparingMiddleware {
            self.init(Preparation(preparing, next))
        } else {
            self.init(waitingIn: middleware, next)
        }
    }

    init(waitingIn middleware: any Middleware, _ next: Next) { way = .stop(.step(Link(middleware, next))) }

    package init(_ passage: any Passage) { way = .passage(passage) }

    /// What comes next, where that only prepares.
    var preparation: Preparation? { if case .passage(let passage) = way { passage as? Preparation } else { nil } }

    /// The same as a handler.
    package var handler: Handler {
        if case .stop(.end(let handler)) = way { return handler }
        return { request, context in try await self(request, in: context) }
    }

    /// Goes on to the next step.
    ///
    /// To be called at most once for a request.
    ///
    /// - Parameters:
    ///   - request: The request to pass on.
    ///   - context: The context that this middleware was given.
    /// - Returns: The response of everything inside.
    /// - Throws: The error of everything inside.
    @inlinable @inline(__always)
    public func callAsFunction(_ request: Request, in context: RequestContext) async throws -> Response {
        switch try pass(request, context) {
        case .step(let link): try await link.middleware.handle(request, in: context, next: link.next)
        case .end(let handler): try await handler(request, context)
        }
    }

    /// Passes what lies on the way to the first that has to be awaited.
    @usableFromInline func pass(_ request: Request, _ context: RequestContext) throws -> Stop {
        var way = way
        while true {
            switch way {
            case .stop(let stop): return stop
            case .passage(let passage): way = try passage.pass(request, context).way
            }
        }
    }
}
