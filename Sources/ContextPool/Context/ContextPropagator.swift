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
/// the job and left after it on the worker, which calls its operation exactly once, on the thread that called it, and
/// passes on what that throws. One that throws before its operation ran fails the job cleanly: the scopes around it are
/// left in order, so nothing stays half-applied.
public struct ContextPropagator: Sendable {
    /// A captured value's scope: runs the operation with the value applied.
    public typealias Scope = @Sendable (_ operation: () throws -> Void) throws -> Void

    typealias TaskScope = @Sendable (_ operation: () async throws -> Void) async throws -> Void

    /// All of it behind one reference: each job goes through those of its pool twice, and would retain every closure of each.
    private final class Parts: Sendable {
        let name: String
        let isClear: (@Sendable () -> Bool)?
        let clear: Scope?
        let capture: @Sendable () -> Scope?
        let captureForTask: (@Sendable () -> TaskScope)?

        init(
            _ name: String,
            isClear: (@Sendable () -> Bool)?,
            clear: Scope?,
            capture: @escaping @Sendable () -> Scope?,
            captureForTask: (@Sendable () -> TaskScope)? = nil
        ) {
            self.name = name
            self.isClear = isClear
            self.clear = clear
            self.capture = capture
            self.captureForTask = captureForTask
        }
    }

    private let parts: Parts

    /// What is carried, for errors, and for a ``ContextSelection`` to name it.
    public var name: String { parts.name }

    /// Whether nothing is left of the value on the calling thread; `nil` where that cannot be told.
    ///
    /// A worker asks before its first job, when there is nothing yet, and then between two jobs: a `false` means that one
    /// job has left something behind for the next.
    public var isClear: (@Sendable () -> Bool)? { parts.isClear }

    package var capture: @Sendable () -> Scope? { parts.capture }

    /// The scope in which nothing of the value is there; `nil` where nobody said how that is done.
    package var clear: Scope? { parts.clear }

    /// Creates a propagator.
    ///
    /// - Parameters:
    ///   - name: What is carried, for errors.
    ///   - isClear: Whether nothing is left of the value on the calling thread, for a value that a scope could fail to
    ///     restore, such as one in a C library. It must be cheap.
    ///   - clear: The scope in which there is nothing of it, for a ``ContextSelection`` that leaves it out, and a snapshot that
    ///     found nothing to carry. Without one the value is then as it is where the job runs: on a worker there is none.
    ///   - capture: Reads the value on the submitting thread, and returns the scope that applies it on the worker, or
    ///     `nil` where there is nothing to carry.
    public init(
        name: String,
        isClear: (@Sendable () -> Bool)? = nil,
        clear: Scope? = nil,
        capture: @escaping @Sendable () -> Scope?
    ) {
        parts = Parts(name, isClear: isClear, clear: clear, capture: capture)
    }

    private init<Value: Sendable>(ifSet taskLocal: TaskLocal<Value?>, name: String) {
        parts = Parts(
            name,
            isClear: { taskLocal.get() == nil },
            clear: { operation in try taskLocal.withValue(nil, operation: operation) },
            capture: {
                guard let value = taskLocal.get() else { return nil }
                return { operation in try taskLocal.withValue(value, operation: operation) }
            },
            captureForTask: {
                let value = taskLocal.get()
                return { operation in try await taskLocal.withValue(value, operation: operation) }
            }
        )
    }

    private init<Value: Sendable>(
        _ taskLocal: TaskLocal<Value>,
        name: String,
        unbound: UnboundValue<Value>,
        isClear: (@Sendable () -> Bool)? = nil
    ) {
        parts = Parts(
            name,
            isClear: isClear,
            clear: { operation in try taskLocal.withValue(unbound.value, operation: operation) },
            capture: {
                let value = taskLocal.get()
                return { operation in try taskLocal.withValue(value, operation: operation) }
            },
            captureForTask: {
                let value = taskLocal.get()
                return { operation in try await taskLocal.withValue(value, operation: operation) }
            }
        )
    }

    /// Carries a task-local: `.taskLocal($tenant, name: "tenant")`.
    ///
    /// - Parameters:
    ///   - taskLocal: The projected value of the task-local.
    ///   - name: What is carried, for errors.
    /// - Returns: A propagator that binds, on the worker, the value the submitter saw.
    public static func taskLocal<Value: Sendable>(_ taskLocal: TaskLocal<Value>, name: String) -> ContextPropagator {
        ContextPropagator(taskLocal, name: name, unbound: UnboundValue(of: taskLocal))
    }

    /// Carries a task-local whose values can be compared, so that ``isClear`` can tell whether one was left behind.
    ///
    /// - Parameters:
    ///   - taskLocal: The projected value of the task-local.
    ///   - name: What is carried, for errors.
    /// - Returns: A propagator that binds, on the worker, the value the submitter saw.
    public static func taskLocal<Value: Sendable & Equatable>(
        _ taskLocal: TaskLocal<Value>,
        name: String
    ) -> ContextPropagator {
        let unbound = UnboundValue(of: taskLocal)
        return ContextPropagator(taskLocal, name: name, unbound: unbound) { unbound.value == taskLocal.get() }
    }

    /// Carries a task-local that is `nil` as a rule, and costs nothing where it is: `.taskLocal(ifSet: $trace, name: "trace")`.
    ///
    /// - Parameters:
    ///   - taskLocal: The projected value of the task-local.
    ///   - name: What is carried, for errors.
    /// - Returns: A propagator that binds, on the worker, the value the submitter saw.
    public static func taskLocal<Value: Sendable>(
        ifSet taskLocal: TaskLocal<Value?>,
        name: String
    ) -> ContextPropagator {
        ContextPropagator(ifSet: taskLocal, name: name)
    }

    /// What is carried from here; `nil` where there is nothing, or a task can do nothing with it.
    func carry(inTask: Bool) -> CarriedValue? {
        guard inTask else { return capture().map { CarriedValue(name: name, scope: $0, taskScope: nil) } }
        return parts.captureForTask.map { capture in
            CarriedValue(name: name, scope: { try $0() }, taskScope: capture())
        }
    }

    /// Nothing, where a plain closure might see something; `nil` where nobody said how to hide it.
    var hidden: CarriedValue? { clear.map { CarriedValue(name: name, isHidden: true, scope: $0, taskScope: nil) } }
}
