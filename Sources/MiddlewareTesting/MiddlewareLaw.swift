/// A law of the seam between middleware, as `Middleware` states it.
public enum MiddlewareLaw: String, Sendable, CaseIterable {
    /// At least one of the requests comes to the handler: a test of what nothing passes proves nothing.
    case reachesTheHandler
    /// `next` is called at most once.
    case callsNextAtMostOnce
    /// An error of the handler comes out, or an answer that tells of it; never one of success.
    case passesErrorsOn
    /// The rest of the chain runs in the task that the middleware was called in.
    case staysInItsTask
    /// The context that it was given is the current one for the rest of the chain and afterwards, and what stood in it still
    /// does.
    case leavesTheContext
    /// The handler can read the whole body of the request.
    case leavesTheRequestBody
    /// A streamed response goes out while it is made, and is held back where the client does not take it.
    case streamsTheResponse
    /// Several requests at once each get their own answer.
    case keepsRequestsApart
}

/// A law that a middleware breaks.
public struct LawBreach: Sendable, Equatable, CustomStringConvertible {
    /// The law.
    public let law: MiddlewareLaw
    /// The request that showed it, such as `GET /`; and what was seen, in a sentence.
    public let description: String

    init(_ law: MiddlewareLaw, _ description: String) {
        self.law = law
        self.description = description
    }
}
