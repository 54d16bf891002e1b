import Synchronization

/// A value that is of use only while its request is under way, such as something that reads from the connection.
///
/// It may be passed to jobs, which are then told what is wrong when they come too late, instead of racing with the end of
/// the request. It may be used from any thread.
///
/// ```swift
/// context.g.upload = ConnectionBound(upload, named: "the upload", to: context)
/// ```
public final class ConnectionBound<Value: Sendable>: Sendable {
    /// What the value is, for errors.
    public let name: String

    private let value: Mutex<Value?>

    /// Binds a value to a request, or to a job where `context` is a job's.
    ///
    /// - Parameters:
    ///   - value: The value, which is let go when `context` ends.
    ///   - name: What it is, for errors: `the upload`.
    ///   - context: Whose end it must not outlive; ``RequestContext/tearDown()`` ends it.
    public init(_ value: Value, named name: String, to context: RequestContext) {
        self.name = name
        self.value = Mutex(value)
        context.onTeardown { [weak self] _ in self?.revoke() }
    }

    /// The value, while its request is under way.
    ///
    /// What it returned may be in use when the request ends: that is for the value itself to notice.
    ///
    /// - Returns: The value.
    /// - Throws: ``ContextError`` with the code `requestEnded`, which names the line where the reading job captured its
    ///   context.
    public func get() throws(ContextError) -> Value {
        guard let value = value.withLock({ $0 }) else {
            throw .requestEnded(name, capturedAt: RequestContext.current?.capturedAt)
        }
        return value
    }

    /// Lets go of the value before the request ends; the second and later calls do nothing.
    public func revoke() {
        // It dies outside of the lock, since it may read this box while it dies.
        _ = value.withLock { $0.take() }
    }
}
