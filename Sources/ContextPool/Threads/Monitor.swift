import Glibc

/// A value behind a lock that threads can wait on: a mutex and a condition variable.
///
/// `Synchronization.Mutex` cannot be waited on, and the standard library has no condition variable; a semaphore beside
/// a `Mutex` was tried in its place and needs a second count that can drift from the state it speaks of.
@safe package final class Monitor<State>: @unchecked Sendable {  // `state` is only touched while `mutex` is held.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    // Not a property of its own type: that would be checked for exclusive access each time, which the mutex sees to.
    private let state: UnsafeMutablePointer<State>

    package init(_ state: sending State) {
        unsafe self.state = .allocate(capacity: 1)
        unsafe self.state.initialize(to: state)
        // Both live on the heap, because pthread objects must not move.
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        // Timeouts are counted on the monotonic clock: the wall clock may be set while somebody waits.
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    package func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try unsafe body(&state.pointee)
    }

    /// Blocks until `body` returns a value, asking again after each signal; `nil` when `timeout` passes first.
    package func wait<Result>(timeout: Duration? = nil, for body: (inout State) -> Result?) -> Result? {
        let deadline = timeout.map { Self.deadline(after: $0) }
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result = unsafe body(&state.pointee) { return result }
            if var deadline {
                guard unsafe pthread_cond_timedwait(condition, mutex, &deadline) == 0 else {
                    return unsafe body(&state.pointee)
                }
            } else {
                unsafe pthread_cond_wait(condition, mutex)
            }
        }
    }

    package func signal() { unsafe pthread_cond_signal(condition) }

    package func broadcast() { unsafe pthread_cond_broadcast(condition) }

    private static func deadline(after timeout: Duration) -> timespec {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        let (seconds, attoseconds) = timeout.clampedToAges.components
        let nanoseconds = now.tv_nsec + Int(attoseconds / 1_000_000_000)
        return timespec(
            tv_sec: now.tv_sec + Int(seconds) + nanoseconds / 1_000_000_000,
            tv_nsec: nanoseconds % 1_000_000_000
        )
    }
}
