/// The middleware of an application, outermost first.
///
/// ```
/// request  -> request-id -> access-log -> auth -> handler
/// response <- request-id <- access-log <- auth <-
/// ```
public struct MiddlewareChain: Sendable {
    /// One step, with the name it goes by in `config.yml`.
    public struct Step: Sendable {
        /// The name, for listings.
        public let name: String
        /// What it does.
        public let middleware: any Middleware

        /// Creates a step.
        ///
        /// - Parameters:
        ///   - name: The name, for listings.
        ///   - middleware: What it does.
        public init(name: String, middleware: any Middleware) {
            self.name = name
            self.middleware = middleware
        }
    }

    /// The steps, outermost first.
    public var steps: [Step]

    /// Whether what stands at the end is measured as `handler`; not where that has steps of its own, which are.
    package var measuresEnd = true

    /// Who is told of the steps; the first step that wants it says so.
    package var observer: (any StepObserver)? {
        steps.lazy.compactMap { ($0.middleware as? any StepObserving)?.stepObserver }.first
    }

    /// Creates a chain.
    ///
    /// - Parameter steps: The steps, outermost first.
    public init(_ steps: [Step] = []) { self.steps = steps }

    /// Puts the chain around a handler.
    ///
    /// To be done once: the steps are linked here, so that a request passes from one to the next without looking anything
    /// up and without an allocation for the chain.
    ///
    /// - Parameter handler: What stands at the end.
    /// - Returns: A handler that passes the whole chain.
    public func handler(endingIn handler: @escaping Handler) -> Handler { way(to: Next(handler)).handler }

    /// The same, for what stands at the end.
    ///
    /// - Parameters:
    ///   - end: What stands at the end.
    ///   - observer: Who is told of these steps, instead of whom a step names.
    /// - Returns: The way through the chain.
    package func way(to end: Next, observedBy observer: (any StepObserver)? = nil) -> Next {
        if let observer { return Next(handler(endingIn: end.handler, observedBy: observer)) }
        if let observer = self.observer {
            let end = measuresEnd ? Self.end(end.handler, observedBy: observer) : end.handler
            return Next(handler(endingIn: end, observedBy: observer))
        }
        var next = end
        for step in steps.reversed() { next = Next(step.middleware, next) }
        return next
    }
}
