/// A thread of its own that runs one closure inside a copy of the context that was current where it was started.
///
/// For the rare work that would occupy a worker of the pool for long; what `submit` promises about the context holds
/// here word for word. Many short jobs belong on a ``ContextPool``: starting a thread costs some 20 microseconds.
public final class ContextThread<Value: Sendable>: Sendable {
    private let future = Future<Value>()

    private init() {}

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: Its name, of which the kernel keeps the first 15 bytes.
    ///   - file: Where it is started, for errors: the job's ``RequestContext/capturedAt``.
    ///   - line: Where it is started.
    ///   - body: What it runs; it may block.
    /// - Returns: The running thread.
    /// - Throws: ``ContextPoolError`` with the code `threadUnavailable` where the system refuses another thread.
    @discardableResult
    public static func start(
        name: String = "context-thread",
        file: String = #fileID,
        line: Int = #line,
        _ body: @escaping @Sendable () throws -> Value
    ) throws(ContextPoolError) -> ContextThread {
        let thread = ContextThread()
        let future = thread.future
        let snapshot = ContextSnapshot.capture(file: file, line: line)
        try PlatformThread.start(name: name) {
            _ = future.begin()
            future.finish(Result { try snapshot.run(body) })
        } atEnd: { ending in
            if ending == .exited { future.finish(.failure(ContextPoolError.workerDied(name))) }
        }
        return thread
    }

    /// What the closure returned, once it has.
    ///
    /// - Throws: What the closure threw, or ``ContextPoolError`` with the code `workerDied`.
    public var value: Value {
        get async throws { try await future.value }
    }

    /// Blocks until the closure has ended.
    ///
    /// For plain threads only: in async code use ``value``.
    ///
    /// - Returns: What the closure returned.
    /// - Throws: What ``value`` throws.
    @available(*, noasync, message: "blocks the thread; use 'try await thread.value'")
    @discardableResult
    public func join() throws -> Value { try future.wait() }
}
