/// The executor of one connection's tasks: its loop, which learns by it whose code it runs.
final class RequestExecutor: TaskExecutor, @unchecked Sendable {  // `head` is only touched on the loop's thread.
    private let loop: EventLoop
    /// The request that is being answered.
    var head: RequestHead?

    init(loop: EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        loop.enqueue(EventLoop.ReadyTask(job: UnownedJob(job), executor: self))
    }
}
