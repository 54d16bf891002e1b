/// One of those who can go next: a worker, something that happens at any time, or the clock.
///
/// Each has a thread, and of all threads one runs at a time.
struct Strand {
    /// Where it stands while it is not its turn.
    enum Phase {
        /// Between two pieces of work.
        case idle
        /// In the middle of one, and can go on.
        case paused
        /// In the middle of one, and waits for others; it has looked when so much had happened.
        case waiting(until: Duration?, looked: Int)
        /// Has ended.
        case over
    }

    let name: String
    let isWorker: Bool
    /// Whether there is a piece of work to begin.
    let hasWork: @Sendable () -> Bool
    /// Does a piece of work.
    let work: @Sendable () -> Void

    var phase = Phase.idle
    /// What it does when it is its turn, for people.
    var intent: String
    /// The thread that it runs on, from its first turn on.
    var thread: UInt?
    var isStarted = false

    init(
        name: String,
        isWorker: Bool = false,
        hasWork: @escaping @Sendable () -> Bool,
        intent: String,
        work: @escaping @Sendable () -> Void
    ) {
        self.name = name
        self.isWorker = isWorker
        self.hasWork = hasWork
        self.intent = intent
        self.work = work
    }
}
