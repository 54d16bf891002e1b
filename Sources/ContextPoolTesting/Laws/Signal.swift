import ContextPool
import Synchronization

/// Something that comes once, for tasks that wait for it with a limit.
final class Signal<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiters: [Int: CheckedContinuation<Value?, Never>] = [:]
        var nextNumber = 0
    }

    private let state = Mutex(State())

    /// Sends it; a second one is ignored.
    func send(_ value: Value) {
        let waiters = state.withLock { state -> [CheckedContinuation<Value?, Never>] in
            guard state.value == nil else { return [] }
            state.value = value
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }

    /// What has come, if it has.
    var now: Value? { state.withLock { $0.value } }

    /// Suspends until it has come; `nil` where it has not within `limit`.
    func value(within limit: Duration) async -> Value? {
        await withCheckedContinuation { continuation in
            let (value, number) = state.withLock { state -> (Value?, Int) in
                if let value = state.value { return (value, 0) }
                state.nextNumber += 1
                state.waiters[state.nextNumber] = continuation
                return (nil, state.nextNumber)
            }
            if let value { return continuation.resume(returning: value) }
            _ = PoolClock.continuous.alarm(limit) { self.giveUp(number) }
        }
    }

    private func giveUp(_ number: Int) {
        state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: nil)
    }
}

/// Holds jobs back until it is opened, or patience is at an end: whatever the executor does, no thread hangs for ever.
final class Barrier: Sendable {
    private let isOpen = Monitor(false)
    private let patience: Duration

    init(patience: Duration) { self.patience = patience }

    func open() {
        isOpen.withLock { $0 = true }
        isOpen.broadcast()
    }

    func pass() { _ = isOpen.wait(timeout: patience) { $0 ? true : nil } }
}
