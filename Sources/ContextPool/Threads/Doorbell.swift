import Glibc

/// Where one thread sleeps until what it waits for has happened.
///
/// Each thread has one and uses it again and again: a mutex and a condition for every future that somebody waits for cost
/// more than the wait. It may ring for something that the thread waits for no longer, and that is not heard.
final class Doorbell: Sendable {
    private struct State {
        /// The number of the wait that goes on, or was the last.
        var wait = 0
        var hasRung = false
    }

    private let state = Monitor(State())

    private func begin() -> Int {
        state.withLock { state in
            state.wait += 1
            state.hasRung = false
            return state.wait
        }
    }

    private func ring(for wait: Int) {
        state.withLock { if $0.wait == wait { $0.hasRung = true } }
        state.signal()
    }

    /// Blocks the calling thread until it is told that `promise` is complete, or `timeout` has passed.
    ///
    /// It does not look for itself: who was to be told before it has been told when it goes on.
    static func wait(for promise: any Promise, timeout: Duration?) {
        let bell = current
        let wait = bell.begin()
        guard let number = promise.whenEnded({ bell.ring(for: wait) }) else { return }
        let isTold: Void? = bell.state.wait(timeout: timeout) { $0.hasRung ? () : nil }
        if isTold == nil { promise.forget(number) }
    }

    private static var current: Doorbell {
        if let pointer = unsafe pthread_getspecific(key) {
            return unsafe Unmanaged<Doorbell>.fromOpaque(pointer).takeUnretainedValue()
        }
        let bell = Doorbell()
        unsafe pthread_setspecific(key, Unmanaged.passRetained(bell).toOpaque())
        return bell
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key) { value in
            guard let value = unsafe value else { return }
            unsafe Unmanaged<Doorbell>.fromOpaque(value).release()
        }
        return key
    }()
}
