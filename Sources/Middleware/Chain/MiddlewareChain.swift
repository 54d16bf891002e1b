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

    /// Creates a chain.
    ///
    /// - Parameter steps: The steps, outermost first.
    public init(_ steps: [Step] = []) { self.steps = steps }

    /// Puts the chain around a handler.
    ///
    /// To be done once: the closures are nested here, so that a request passes from step to step without looking anything
    /// up and without an allocation for the chain.
    ///
    /// - Parameter handler: What stands at the end.
    /// - Returns: A handler that passes the whole chain.
    public func handler(endingIn handler: @escaping Handler) -> Handler {
        if let observer = steps.lazy.compactMap({ ($0.middleware as? any StepObserving)?.stepObserver }).first {
            return self.handler(endingIn: handler, observedBy: observer)
        }
        // Not `reduce`: a closure that passes through something generic is wrapped twice, and each call pays for that.
        var chained = handler
        for step in steps.reversed() { chained = step.handler(endingIn: chained) }
        return chained
    }
}

extension MiddlewareChain.Step {
    fileprivate func handler(endingIn inner: @escaping Handler) -> Handler {
        let (middleware, next) = (middleware, Next(inner))
        return { request, context in try await middleware.handle(request, in: context, next: next) }
    }
}
