import Glibc

/// One operating-system thread, detached; whoever starts it learns of its end.
///
/// A `Thread` of Foundation would pull Foundation into every user of this module, and reports neither a failure to
/// start nor an exit out of the middle of a job.
package enum PlatformThread {
    /// How a thread came to its end.
    package enum Ending: Sendable {
        /// Its main function returned.
        case returned
        /// Something called `pthread_exit` underneath it: nothing after that call ran.
        case exited
    }

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: Its name, of which the kernel keeps the first 15 bytes; `top -H` shows it.
    ///   - main: What it runs.
    ///   - atEnd: Runs on the thread as its last act, in every case.
    /// - Throws: `threadUnavailable` where the system refuses another thread.
    package static func start(
        name: String,
        main: @escaping @Sendable () -> Void,
        atEnd: @escaping @Sendable (Ending) -> Void
    ) throws(ContextPoolError) {
        let life = unsafe Unmanaged.passRetained(Life(name: name, main: main, atEnd: atEnd))
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { unsafe pthread_attr_destroy(&attributes) }
        let status = unsafe pthread_create(
            &thread,
            &attributes,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe pthread_setspecific(PlatformThread.lifeKey, argument)
                let life = unsafe Unmanaged<Life>.fromOpaque(argument).takeUnretainedValue()
                life.begin()
                return nil
            },
            life.toOpaque()
        )
        guard status == 0 else {
            unsafe life.release()
            throw .threadUnavailable(name: name, errno: status)
        }
    }

    /// The thread's `Life`, whose destructor is the one hook that runs however a thread ends.
    private static let lifeKey: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key) { value in
            guard let value = unsafe value else { return }
            unsafe Unmanaged<Life>.fromOpaque(value).takeRetainedValue().end()
        }
        return key
    }()

    private final class Life: @unchecked Sendable {  // `ending` is only touched by the thread itself.
        private let name: String
        private let main: @Sendable () -> Void
        private let atEnd: @Sendable (Ending) -> Void
        private var ending = Ending.exited

        init(name: String, main: @escaping @Sendable () -> Void, atEnd: @escaping @Sendable (Ending) -> Void) {
            self.name = name
            self.main = main
            self.atEnd = atEnd
        }

        func begin() {
            PlatformThread.nameCurrent(name)
            main()
            ending = .returned
        }

        func end() { atEnd(ending) }
    }

    /// Names the calling thread.
    ///
    /// Through `/proc`, since `pthread_setname_np` is a GNU extension that Swift's Glibc module leaves out. A system
    /// without `/proc` has nameless threads, which is no reason not to run.
    private static func nameCurrent(_ name: String) {
        let file = unsafe open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        let bytes = Array(name.utf8.prefix(15))
        _ = unsafe write(file, bytes, bytes.count)
        close(file)
    }

    /// What the calling thread has used of the processor since it began.
    static var processorTime: Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// How many processors this process may run on.
    static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
