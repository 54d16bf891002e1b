import Glibc

/// A value behind a lock that a running thread may take although others wait for it.
///
/// `Synchronization.Mutex` is handed to the first who waits (on Linux it is a futex with priority inheritance). Where more threads
/// than processors want one lock for each of many jobs, every one of them then waits until the system has switched to another
/// (a convoy): 10,000 jobs of one request on four workers and one processor took 3 to 6 us each, and take 1.1 so. Everywhere
/// else `Mutex` is the better one, since it needs no allocation.
@safe struct BargingMutex<State>: @unchecked Sendable {  // The state is only touched while the mutex is held.
    /// Both in one allocation, and the mutex where it does not move.
    @unsafe private final class Storage: ManagedBuffer<State, pthread_mutex_t> {
        deinit { _ = unsafe withUnsafeMutablePointerToElements { unsafe pthread_mutex_destroy($0) } }
    }

    private let storage: ManagedBuffer<State, pthread_mutex_t>

    // Made in its place: a state that is handed over is copied on the way.
    init(_ state: @autoclosure () -> sending State) {
        unsafe storage = Storage.create(minimumCapacity: 1) { _ in state() }
        _ = unsafe storage.withUnsafeMutablePointerToElements { unsafe pthread_mutex_init($0, nil) }
    }

    func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe storage.withUnsafeMutablePointers { state, mutex throws(Failure) in
            unsafe pthread_mutex_lock(mutex)
            defer { unsafe pthread_mutex_unlock(mutex) }
            return try unsafe body(&state.pointee)
        }
    }
}
