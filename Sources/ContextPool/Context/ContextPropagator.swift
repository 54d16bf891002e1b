/// Carries a foreign ambient value, such as another library's task-local, into closures that run elsewhere.
///
/// Swift offers no way to enumerate task-locals, so what should follow a plain closure to a worker thread is named
/// once, when the pool is made. (An async closure becomes a `Task` and takes every task-local along by itself.)
///
/// ```swift
/// let pool = try ContextPool(workers: 4, propagators: [.taskLocal($tenant, name: "tenant")])
/// ```
///
/// The laws: capturing reads the value on the submitting thread and must be cheap; applying is a scope, entered before
/// the job and left after it on the worker, which calls its operation exactly once and passes on what that throws. One
/// that throws before its operation ran fails the job cleanly: the scopes around it are left in order, so nothing stays
/// half-applied.
public struct ContextPropagator: Sendable {
    /// A captured value's scope: runs the operation with the value applied.
    public typealias Scope = @Sendable (_ operation: () throws -> Void) throws -> Void

    /// What is carried, for errors.
    public let name: String

    let capture: @Sendable () -> Scope?

    /// Whether nothing is applied on the calling thread; `nil` where that cannot be asked.
    var isClear: (@Sendable () -> Bool)? { nil }

    /// Creates a propagator.
    ///
    /// - Parameters:
    ///   - name: What is carried, for errors.
    ///   - capture: Reads the value on the submitting thread, and returns the scope that applies it on the worker, or
    ///     `nil` where there is nothing to carry.
    public init(name: String, capture: @escaping @Sendable () -> Scope?) {
        self.name = name
        self.capture = capture
    }

    /// Carries a task-local: `.taskLocal($tenant, name: "tenant")`.
    ///
    /// - Parameters:
    ///   - taskLocal: The projected value of the task-local.
    ///   - name: What is carried, for errors.
    /// - Returns: A propagator that binds, on the worker, the value the submitter saw.
    public static func taskLocal<Value: Sendable>(_ taskLocal: TaskLocal<Value>, name: String) -> ContextPropagator {
        ContextPropagator(name: name) {
            let value = taskLocal.get()
            return { operation in try taskLocal.withValue(value, operation: operation) }
        }
    }
}
