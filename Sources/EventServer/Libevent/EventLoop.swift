import CLibevent
import Synchronization

/// One thread that waits for events, and the executor of the tasks that belong to it.
///
/// A task with this preference starts on the loop's thread, and comes back to it after each await. Other threads reach the
/// loop through its mailbox. After it has stopped, such tasks go on with Swift's own threads, so that none is lost.
@safe final class EventLoop: TaskExecutor, @unchecked Sendable {  // Loop's thread only: what is `var`; else locked.
    /// A part of a task that can run, and whose it is.
    struct ReadyTask {
        let job: UnownedJob
        /// `nil` where the loop itself is the executor.
        let executor: RequestTask?
    }

    private struct Mailbox {
        var tasks: [ReadyTask] = []
        var calls: [@Sendable () -> Void] = []
        var isStopped = false
        var isEmpty: Bool { tasks.isEmpty && calls.isEmpty }
    }

    let base: OpaquePointer
    private let mailbox = Mutex(Mailbox())
    private let bell: Int32
    private let thread = Atomic<UInt>(0)
    private var bellEvent: Event?
    private var ready: [ReadyTask] = []
    private var spare: [ReadyTask] = []
    /// Tasks that wait for a request, the last one used the last.
    private var resting: [RequestTask] = []
    /// How many of them were not needed since ``trim()``.
    private var spareCount = 0
    private var queueClock = QueueClock()
    /// The time when the callback began, or the last run of the application's code ended: between them little passes, and to read
    /// the clock wherever it is asked for took ten readings a request.
    private(set) var now = EventLoop.now
    /// What runs right now, for other threads to see.
    let watch = LoopWatch()
    /// Told, on the loop's thread, how long each run of the application's code has taken, where that was too long.
    var onBlocked: (Duration, RequestHead?) -> Void = { _, _ in }
    var blockThreshold = Duration.seconds(3600)

    init() throws(ServerError) {
        guard let configuration = unsafe event_config_new() else { throw .system("event_config_new", errno: ENOMEM) }
        defer { unsafe event_config_free(configuration) }
        // One thread per base: libevent's own locks would protect nothing.
        unsafe event_config_set_flag(configuration, Int32(EVENT_BASE_FLAG_NOLOCK.rawValue))
        guard let base = unsafe event_base_new_with_config(configuration) else {
            throw .system("event_base_new", errno: baton_errno())
        }
        unsafe self.base = base
        bell = eventfd(0, baton_efd_nonblock | baton_efd_cloexec)
        // All is initialized here, so that `deinit` frees the base: doing it here as well would be once too often.
        guard bell >= 0 else { throw .system("eventfd", errno: baton_errno()) }
    }

    deinit {
        bellEvent = nil
        close(bell)
        unsafe event_base_free(base)
    }

    /// Runs the loop on the calling thread until ``stop()``.
    func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        // Unowned, since the loop holds the event.
        bellEvent = Event(on: self, .readable(bell)) { [unowned self] in answerBell() }
        bellEvent?.arm()
        // What came before the event was armed rang the bell already, so nothing waits unseen.
        unsafe event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY)
        bellEvent = nil
        let left = mailbox.withLock { mailbox in
            mailbox.isStopped = true
            defer {
                mailbox.tasks = []
                mailbox.calls = []
            }
            return (tasks: mailbox.tasks, calls: mailbox.calls)
        }
        for call in left.calls { call() }
        thread.store(0, ordering: .relaxed)
        for task in ready + left.tasks { globalConcurrentExecutor.enqueue(task.job) }
        ready = []
        endResting(resting.count)
    }

    /// Ends ``run()`` after the current callback.
    ///
    /// To be called on the loop's thread.
    func stop() { unsafe event_base_loopbreak(base) }

    /// Whether the calling thread is the loop's.
    var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// A task that rests.
    ///
    /// To be called on the loop's thread.
    func takeTask() -> RequestTask {
        var resting = resting.take()
        defer { self.resting = resting }
        guard let task = resting.popLast() else { return RequestTask(loop: self) }
        spareCount = min(spareCount, resting.count)
        return task
    }

    /// Keeps a task for the next request; `false` where there are enough, or the loop is over.
    func keep(_ task: RequestTask) -> Bool {
        guard isCurrent, resting.count < Self.restingLimit else { return false }
        var resting = resting.take()
        resting.append(task)
        self.resting = resting
        return true
    }

    /// Ends the tasks that were not needed since the last call.
    func trim() {
        endResting(spareCount)
        spareCount = resting.count
    }

    private func endResting(_ count: Int) {
        let resting = resting.take()
        self.resting = Array(resting.dropFirst(count))
        for task in resting.prefix(count) { task.end() }
    }

    private static let restingLimit = 64

    /// Runs `call` on the loop's thread, soon.
    ///
    /// - Returns: Whether it will; `false` where the loop has stopped.
    @discardableResult
    func execute(_ call: @escaping @Sendable () -> Void) -> Bool {
        post { $0.calls.append(call) }
    }

    func enqueue(_ job: consuming ExecutorJob) { enqueue(ReadyTask(job: UnownedJob(job), executor: nil)) }

    func enqueue(_ task: ReadyTask) {
        guard !isCurrent else {
            var ready = ready.take()
            ready.append(task)
            self.ready = ready
            return
        }
        if !post({ $0.tasks.append(task) }) { globalConcurrentExecutor.enqueue(task.job) }
    }

    /// Runs what became ready during a callback.
    ///
    /// Every callback ends with it.
    func runReadyTasks() {
        // Two rounds, so that a task which yields for ever shares the loop with the sockets instead of stopping it.
        for _ in 0..<2 where !ready.isEmpty {
            var running = ready.take()
            ready = spare.take()
            for task in running { run(task) }
            running.removeAll(keepingCapacity: true)
            spare = running
        }
        if !ready.isEmpty { ring() }
    }

    private func run(_ task: ReadyTask) {
        guard let executor = task.executor else {
            return unsafe task.job.runSynchronously(on: asUnownedTaskExecutor())
        }
        runWatched(executor.head) { unsafe task.job.runSynchronously(on: executor.asUnownedTaskExecutor()) }
    }

    /// Runs code of the application, and tells where it takes too long.
    func runWatched<Result>(_ head: RequestHead?, _ body: () -> Result) -> Result {
        // The producer of a streamed response begins inside the run of its handler.
        guard watch.begin(head, at: now) else { return body() }
        defer {
            updateTime()
            let duration = watch.end(at: now)
            if duration > blockThreshold { onBlocked(duration, head) }
        }
        return body()
    }

    /// How long what is handled now may have waited for its turn.
    var waited: Duration { queueClock.waited(now) }

    /// Looks at the clock, where code of the application calls, which may have run for long.
    func updateTime() { now = Self.now }

    func beginCallback() {
        updateTime()
        guard !queueClock.isInBatch else { return }
        var clock = queueClock
        clock.begin(now)
        queueClock = clock
    }

    func endCallback() {
        guard unsafe event_base_get_num_events(base, UInt32(EVENT_BASE_COUNT_ACTIVE)) == 0 else { return }
        // What came after the last run of the application's code belongs to the batch as well.
        updateTime()
        var clock = queueClock
        clock.finish(now)
        queueClock = clock
    }

    /// Puts something into the mailbox, unless the loop has stopped.
    private func post(_ change: (inout sending Mailbox) -> Void) -> Bool {
        let (isPosted, rings) = mailbox.withLock { mailbox in
            guard !mailbox.isStopped else { return (false, false) }
            // One ring for each time the mailbox turns from empty to filled, however many letters follow.
            let wasEmpty = mailbox.isEmpty
            change(&mailbox)
            return (true, wasEmpty)
        }
        if rings { ring() }
        return isPosted
    }

    private func ring() { eventfd_write(bell, 1) }

    private func answerBell() {
        var count: eventfd_t = 0
        unsafe eventfd_read(bell, &count)
        let calls = mailbox.withLock { mailbox in
            ready += mailbox.tasks
            mailbox.tasks.removeAll(keepingCapacity: true)
            defer { mailbox.calls = [] }
            return mailbox.calls
        }
        for call in calls {
            updateTime()
            call()
        }
    }

    /// How many processors there are.
    static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// The time on a clock that is never set; a few milliseconds coarse, which spares a system call.
    static var now: Duration { time(of: CLOCK_MONOTONIC_COARSE) }

    /// Seconds since 1970.
    static var secondsSince1970: Int { Int(time(of: CLOCK_REALTIME_COARSE).components.seconds) }

    private static func time(of clock: clockid_t) -> Duration {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
