import TestSupport

@testable import ContextPool

/// A sleep that lasts until the test ends it, or its task is cancelled: how timeouts are tested without waiting.
final class Doze: Sendable {
    let durations = Record<Duration>()
    let isAsleep = Gate()
    let wasCancelled = Gate()
    private let end = Future<Void>()

    var sleep: Sleep {
        { duration in
            self.durations.append(duration)
            let awake = Future<Void>()
            self.end.observe { _ in awake.cancel() }
            self.isAsleep.open()
            await withTaskCancellationHandler {
                _ = await awake.result
            } onCancel: {
                self.wasCancelled.open()
                awake.cancel()
            }
            try Task.checkCancellation()
        }
    }

    /// The time has passed.
    func ring() { end.cancel() }
}

extension Future {
    /// A future that the test completes itself.
    static func promise(of type: Value.Type = Value.self, home: FutureHome = .none) -> Future<Value> {
        Future<Value>(home: home)
    }

    /// Completes a future that the test has made.
    func complete(_ result: Result<Value, any Error>) {
        _ = begin()
        finish(result)
    }
}
