/// Something that lives on one loop, in the hands of code that may run anywhere.
struct LoopBound<Value: AnyObject>: @unchecked Sendable {  // `value` is only touched on the thread of `loop`.
    private let loop: EventLoop
    private let value: Value

    init(_ value: Value, on loop: EventLoop) {
        self.loop = loop
        self.value = value
    }

    /// Runs `body` with the value on its loop: now where this is the loop's thread, else soon.
    ///
    /// Where the loop has stopped it runs `tooLate` instead, now.
    func run(_ body: @escaping @Sendable (Value) -> Void, orElse tooLate: () -> Void = {}) {
        if loop.isCurrent {
            loop.updateTime()
            body(value)
        } else if !loop.execute({ body(value) }) {
            tooLate()
        }
    }
}

extension LoopBound<ServerLoop> {
    /// What the loop is at, which may be looked at from any thread.
    var watch: LoopWatch { loop.watch }

    /// Starts the loop on a thread of its own.
    func runThread(name: String, atEnd: @escaping @Sendable () -> Void) throws(ServerError) {
        try LoopThread.start(name: name) {
            value.run()
            atEnd()
        }
    }
}

extension LoopBound<Watchdog> {
    /// Starts to watch, on a thread of its own.
    func runThread(name: String) throws(ServerError) {
        try LoopThread.start(name: name) { value.run() }
    }
}
