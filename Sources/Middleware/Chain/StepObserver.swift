/// Is told how the steps of a chain fare.
public protocol StepObserver: Sendable {
    /// A step has ended.
    ///
    /// Called on the event loop, or on the worker of a route that runs there; it must not block.
    ///
    /// - Parameters:
    ///   - step: Its name; `handler` is what stands at the end of the chain.
    ///   - duration: How long it took itself, without what lies behind it.
    ///   - hasFailed: Whether an error began in it, rather than behind it.
    func stepEnded(_ step: String, after duration: Duration, hasFailed: Bool)
}

/// A middleware that has the steps of its chain observed.
///
/// Only a chain with one in it measures; of several the first one is asked.
public protocol StepObserving: Middleware {
    /// Is told of the steps; `nil` for nobody. Asked once, when the chain is put around its handler.
    var stepObserver: (any StepObserver)? { get }
}
