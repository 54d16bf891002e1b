import Synchronization

/// Waits for something of somebody else's no longer than some time.
///
/// A task cannot be ended from outside. So what does not end in time is cancelled and left behind, and what it brings later on
/// is taken back.
enum BoundedWait {
    /// The time has passed.
    struct TimeIsUp: Error {}

    /// For what is told to end with the task that waits for it.
    private static let grace = Duration.seconds(5)

    /// Runs `operation` in a task of its own, and waits for it.
    ///
    /// - Parameters:
    ///   - limit: How long to wait; no longer than five seconds once the calling task is cancelled.
    ///   - sleep: Lets the time pass.
    ///   - operation: What to wait for; it is cancelled when nobody waits any more.
    ///   - takeBack: Gets what comes too late.
    /// - Returns: What `operation` returns.
    /// - Throws: What it throws, ``TimeIsUp``, or `CancellationError`.
    static func run<Value: Sendable>(
        within limit: Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Alarms.shared.sleep(for: $0) },
        _ operation: @escaping @Sendable () async throws -> Value,
        takeBack: @escaping @Sendable (Value) async -> Void = { _ in }
    ) async throws -> Value {
        let outcome = Outcome<Value>()
        let work = Task {
            let result: Result<Value, any Error>
            do { result = .success(try await operation()) } catch { result = .failure(error) }
            if !outcome.settle(result), case .success(let value) = result { await takeBack(value) }
        }
        let patience = Task {
            try await sleep(limit)
            if outcome.settle(.failure(TimeIsUp())) { work.cancel() }
        }
        defer { patience.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { outcome.wait($0) }
        } onCancel: {
            work.cancel()
            Task {
                try await Alarms.shared.sleep(for: min(limit, grace))
                outcome.settle(.failure(CancellationError()))
            }
        }
    }

    /// How it has ended: the first who says so is right.
    private final class Outcome<Value: Sendable>: Sendable {
        private struct State {
            var result: Result<Value, any Error>?
            var waiter: CheckedContinuation<Value, any Error>?
        }

        private let state = Mutex(State())

        /// - Returns: Whether nobody has said so before.
        @discardableResult
        func settle(_ result: Result<Value, any Error>) -> Bool {
            let (isFirst, waiter) = state.withLock { state in
                guard state.result == nil else { return (false, nil as CheckedContinuation<Value, any Error>?) }
                state.result = result
                return (true, state.waiter.take())
            }
            waiter?.resume(with: result)
            return isFirst
        }

        func wait(_ waiter: CheckedContinuation<Value, any Error>) {
            let result = state.withLock { state in
                if state.result == nil { state.waiter = waiter }
                return state.result
            }
            if let result { waiter.resume(with: result) }
        }
    }
}
