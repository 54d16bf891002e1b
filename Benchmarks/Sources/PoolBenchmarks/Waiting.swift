import Dispatch
import Synchronization

/// Counts jobs down from another thread, and lets one thread wait for the last.
final class Countdown: Sendable {
    private let left: Atomic<Int>
    private let done = DispatchSemaphore(value: 0)

    init(_ count: Int) { left = Atomic(count) }

    func arrive() {
        if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { done.signal() }
    }

    func wait() { done.wait() }
}

/// Runs an async `body` to its end, from a plain thread.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    let outcome = Mutex<Result<Value, any Error>?>(nil)
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        outcome.withLock { $0 = result }
        done.signal()
    }
    done.wait()
    guard let result = outcome.withLock({ $0 }) else { fatalError("the task has signalled without a result") }
    return try result.get()
}

/// Holds threads of another pool, so that jobs pile up behind them.
final class Plug: Sendable {
    private let entered = DispatchSemaphore(value: 0)
    private let released = DispatchSemaphore(value: 0)

    /// Blocks the calling worker.
    func hold() {
        entered.signal()
        released.wait()
    }

    /// Waits until `count` workers are held.
    func waitUntilHeld(_ count: Int = 1) { for _ in 0..<count { entered.wait() } }

    func release(_ count: Int = 1) { for _ in 0..<count { released.signal() } }
}
