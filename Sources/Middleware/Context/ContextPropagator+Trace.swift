public import ContextPool
import Tracing

extension ContextPropagator {
    /// Carries the trace context of swift-distributed-tracing, `ServiceContext.current`, into jobs, and baggage with it.
    ///
    /// In a selection it is called `trace`.
    public static let trace = ContextPropagator.taskLocal(ifSet: ServiceContext.$current, name: "trace")
}
