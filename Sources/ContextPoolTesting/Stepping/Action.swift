import ContextPool
import Synchronization

/// Something that happens at any time: a closure, or the parts of a task.
final class Action: TaskExecutor {
    private struct State {
        var body: (@Sendable () -> Void)?
        var parts: [UnownedJob] = []
    }

    private let state: Mutex<State>

    init(_ body: (@Sendable () -> Void)? = nil) { state = Mutex(State(body: body)) }

    var hasWork: Bool { state.withLock { $0.body != nil || !$0.parts.isEmpty } }

    func work() {
        if let body = state.withLock({ $0.body.take() }) { return body() }
        let part = state.withLock { $0.parts.isEmpty ? nil : $0.parts.removeFirst() }
        if let part { SteppedWorker.run(part, on: self) }
    }

    /// Takes in a part of the task; Swift calls it.
    func enqueue(_ job: consuming ExecutorJob) {
        let part = UnownedJob(job)
        state.withLock { $0.parts.append(part) }
    }
}
