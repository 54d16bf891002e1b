import Synchronization

/// What is to be cleaned up once nobody has the context of a request any more.
///
/// Everybody who may still use it has a reference, and the last one that goes cleans up: counting holders by hand would
/// need an end for each of them, and a snapshot, which is a value, has none.
final class ContextHold: Sendable {
    private let cleanups = Mutex<[@Sendable () -> Void]>([])

    func add(_ cleanup: @escaping @Sendable () -> Void) { cleanups.withLock { $0.append(cleanup) } }

    deinit {
        let cleanups = cleanups.withLock { $0 }
        // Whoever was last may be in a context of its own, which is none of theirs.
        ContextScope.none.bind {
            for cleanup in cleanups.reversed() { cleanup() }
        }
    }
}
