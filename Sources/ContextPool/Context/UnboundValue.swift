import Synchronization

/// The value of a task-local where nobody has bound it, which Swift does not tell: read once, by a task that inherits nothing.
final class UnboundValue<Value: Sendable>: Sendable {
    private let taskLocal: TaskLocal<Value>
    private let known = Mutex<Value?>(nil)

    init(of taskLocal: TaskLocal<Value>) { self.taskLocal = taskLocal }

    var value: Value {
        if let value = known.withLock({ $0 }) { return value }
        // Not under the lock, with which nothing of others should run; twice is as good as once.
        BareTask.run { [self] in
            let value = taskLocal.get()
            known.withLock { $0 = value }
        }
        return known.withLock { $0 } ?? taskLocal.get()
    }
}
