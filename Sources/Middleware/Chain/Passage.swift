package import ContextPool
package import EventServer

/// A part of the way that a request passes without waiting, so that it costs no async call: a step that only prepares, a choice
/// between two ways, the look-up of a route.
package protocol Passage: AnyObject, Sendable {
    /// - Returns: What comes behind it for this request.
    func pass(_ request: Request, _ context: RequestContext) throws -> Next
}

/// A step that only prepares, and what comes behind it.
final class Preparation: Passage {
    private let middleware: any PreparingMiddleware
    /// What lies behind, and the same behind a step that waits.
    private let (next, waiting): (Next, Next)
    /// What lies behind, where that only prepares as well: several such steps are passed without a look at what each of them is.
    private let following: Preparation?

    init(_ middleware: any PreparingMiddleware, _ next: Next) {
        self.middleware = middleware
        self.next = next
        waiting = Next(waitingIn: middleware, next)
        following = next.preparation
    }

    func pass(_ request: Request, _ context: RequestContext) throws -> Next {
        guard !middleware.needsToWait(for: request) else { return waiting }
        try middleware.prepare(request, in: context)
        return try following?.pass(request, context) ?? next
    }
}

/// Some requests go one way, and all others another one.
package final class Fork: Passage {
    private let isTaken: @Sendable (Request) -> Bool
    private let side: Next
    private let main: Next

    /// - Parameters:
    ///   - isTaken: Which requests go the side way.
    ///   - side: Their way.
    ///   - main: The way of all others.
    package init(_ isTaken: @escaping @Sendable (Request) -> Bool, to side: Next, orTo main: Next) {
        self.isTaken = isTaken
        self.side = side
        self.main = main
    }

    package func pass(_ request: Request, _ context: RequestContext) -> Next { isTaken(request) ? side : main }
}
