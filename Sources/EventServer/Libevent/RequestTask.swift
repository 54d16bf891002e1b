/// A task of a loop, which works for one request after the other and rests in between.
///
/// The runtime takes the memory of a task in blocks, and gives them back with the task: one that is kept has room for the
/// frames of a chain already, however many steps that has. A task of its own for each request would be simpler, and took
/// six allocations more, and one for each three steps. It is the executor of what it works for, and so knows whose code it runs.
@safe final class RequestTask: TaskExecutor, @unchecked Sendable {  // Loop's thread only, after its end the task's.
    /// How many requests it works for: one of them may have needed uncommonly much memory, which ends with the task.
    private static let requestLimit = 1000

    private let loop: EventLoop
    private var task: Task<Void, Never>?
    /// What it works for, and whose that is.
    private var exchange: Connection.Exchange?
    private var connection: Connection?
    private var rest: UnsafeContinuation<Void, Never>?
    private var isWaking = false
    private var wakingJob: UnownedJob?
    private var requestCount = 0

    /// A task that rests.
    ///
    /// To be called on the loop's thread, as is all but ``enqueue(_:)``.
    init(loop: EventLoop) {
        self.loop = loop
        // Detached: it would keep the task-locals of a request in whose task it happens to be made.
        task = Task.immediateDetached(executorPreference: self) { await self.run() }
    }

    /// The request that is being answered.
    var head: RequestHead? { exchange?.head }

    /// Works for a request, from here and at once; only what it awaits comes back through the loop.
    func start(_ exchange: Connection.Exchange, of connection: Connection) {
        self.exchange = exchange
        self.connection = connection
        loop.runWatched(exchange.head) { wake() }
    }

    /// Flags the task: it ends with the request that it works for now.
    func cancel() {
        task?.cancel()
        // After the task: whoever hears of it by the context finds the task cancelled.
        head?.abandon()
    }

    /// Ends a task that rests.
    func end() { wake() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if loop.isCurrent, isWaking {
            wakingJob = job
        } else {
            loop.enqueue(EventLoop.ReadyTask(job: job, executor: self))
        }
    }

    /// Lets the task go on, not by way of the loop's queue but now.
    private func wake() {
        guard let rest = unsafe rest else { return }
        unsafe self.rest = nil
        isWaking = true
        unsafe rest.resume()
        isWaking = false
        guard let job = wakingJob else { return }
        wakingJob = nil
        unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    }

    private func run() async {
        let priority = Task.currentPriority
        repeat {
            await unsafe withUnsafeContinuation { unsafe rest = $0 }
            guard let connection, let exchange else { return }
            await connection.perform(exchange)
            // On another thread, where a handler can come back, nothing here is touched: the loop may be about to cancel it.
            guard loop.isCurrent else { return }
            (self.connection, self.exchange) = (nil, nil)
            requestCount += 1
            // Who was cancelled stays so, and so does who was raised in priority.
            guard !Task.isCancelled, Task.currentPriority == priority else { return }
        } while requestCount < Self.requestLimit && loop.keep(self)
    }
}
