/// Waits for a duration, or throws when its task is cancelled: `Task.sleep`, and in tests something that they control.
typealias Sleep = @Sendable (Duration) async throws -> Void

/// Rings once when its time has passed, unless it is stopped before.
///
/// It carries no context: a request must not live for as long as the longest timeout that somebody set in it.
struct Alarm: Sendable {
    private let task: Task<Void, Never>

    init(after timeout: Duration, sleep: @escaping Sleep, ring: @escaping @Sendable () -> Void) {
        task = Task.detached {
            do { try await sleep(timeout.clampedToAges) } catch { return }
            ring()
        }
    }

    func stop() { task.cancel() }

    static let sleep: Sleep = { try await Task.sleep(for: $0) }
}
