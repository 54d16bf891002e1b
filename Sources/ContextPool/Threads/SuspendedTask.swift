/// A task that is suspended until somebody wakes it.
///
/// A `CheckedContinuation` allocates to find out who wakes a task twice, or never, and each future that is awaited would pay
/// for it. Here `Completion` has them all, and takes each out of its list before it wakes it.
@safe @usableFromInline struct SuspendedTask: Sendable {
    @usableFromInline let continuation: UnsafeContinuation<Void, Never>

    @inlinable
    init(_ continuation: UnsafeContinuation<Void, Never>) { unsafe self.continuation = continuation }

    /// Suspends the calling task.
    ///
    /// Inlined, since an async call costs as much as all the rest of awaiting.
    ///
    /// - Parameter body: Receives the task, and sees to it that it is woken exactly once.
    @inlinable @inline(__always)
    static func suspend(_ body: (SuspendedTask) -> Void) async {
        await unsafe withUnsafeContinuation { unsafe body(SuspendedTask($0)) }
    }

    /// Wakes it.
    func wake() { unsafe continuation.resume() }
}
