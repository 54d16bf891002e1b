import Glibc

/// How many jobs lie on the calling thread's stack that it has submitted itself, and runs in the place of a worker.
///
/// Of the thread and not of its worker: any thread may submit, and each has a stack that ends. Nor a task-local, since a job may
/// hide those.
enum CallersStack {
    /// Whether there is room for one more.
    static var hasRoom: Bool { depth < Worker.depthLimit }

    /// Runs a job on the calling thread.
    static func run<Result>(_ job: () -> Result) -> Result {
        depth += 1
        defer { depth -= 1 }
        return job()
    }

    private static var depth: Int {
        get { unsafe Int(bitPattern: pthread_getspecific(key)) }
        set { unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: newValue)) }
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key, nil)
        return key
    }()
}
