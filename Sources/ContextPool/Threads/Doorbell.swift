import Glibc

/// Where one thread sleeps until what it waits for has happened.
///
/// Each thread has one and uses it again and again: a mutex and a condition for every future that somebody waits for cost
/// more than the wait. So it may ring for something that the thread waits for no longer, and whoever is woken looks again.
final class Doorbell: Sendable {
    private let hasRung = Monitor(false)

    func ring() {
        hasRung.withLock { $0 = true }
        hasRung.signal()
    }

    /// Blocks until it rings; `false` when `timeout` passes first.
    private func wait(timeout: Duration?) -> Bool {
        let rung: Void? = hasRung.wait(timeout: timeout) { hasRung in
            guard hasRung else { return nil }
            hasRung = false
            return ()
        }
        return rung != nil
    }

    /// Blocks the calling thread until `promise` is complete or `timeout` has passed.
    static func wait(for promise: any Promise, timeout: Duration?) {
        let bell = current
        guard let number = promise.whenEnded({ bell.ring() }) else { return }
        let deadline = timeout.map { ContinuousClock.now + $0.clampedToAges }
        while !promise.isFinished {
            guard bell.wait(timeout: deadline.map { $0 - ContinuousClock.now }) else { return promise.forget(number) }
        }
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
