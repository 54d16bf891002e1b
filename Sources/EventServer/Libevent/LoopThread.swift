import CLibevent

/// The operating-system thread of a loop.
enum LoopThread {
    /// Starts a detached thread; its name is what `top -H` shows, of which the kernel takes 15 bytes.
    static func start(name: String, _ main: @escaping @Sendable () -> Void) throws(ServerError) {
        let start = unsafe Unmanaged.passRetained(Start(name: name, main: main))
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread,
            &attributes,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                unsafe pthread_setname_np(pthread_self(), String(start.name.prefix(15)))
                start.main()
                return nil
            },
            start.toOpaque()
        )
        guard status == 0 else {
            unsafe start.release()
            throw .system("pthread_create", errno: status)
        }
    }

    private final class Start: Sendable {
        let name: String
        let main: @Sendable () -> Void

        init(name: String, main: @escaping @Sendable () -> Void) {
            self.name = name
            self.main = main
        }
    }
}
