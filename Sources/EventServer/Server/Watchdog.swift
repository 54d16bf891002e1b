import Logging

/// Tells of loops that do not go on, while they do not: the line that explains a server which answers nobody.
///
/// It has a thread of its own, since the loop that is blocked cannot tell.
final class Watchdog {
    private let loop: EventLoop
    private let watched: [(name: String, watch: LoopWatch)]
    private let threshold: Duration
    private let logger: Logger
    private var reported: [Duration?]
    private var event: Event?

    private init(
        loop: EventLoop,
        watched: [(name: String, watch: LoopWatch)],
        threshold: Duration,
        logger: Logger
    ) {
        self.loop = loop
        self.watched = watched
        self.threshold = threshold
        self.logger = logger
        reported = watched.map { _ in nil }
    }

    /// Starts to watch.
    ///
    /// - Returns: What ends it.
    static func start(
        over watched: [(name: String, watch: LoopWatch)],
        threshold: Duration,
        logger: Logger
    ) throws(ServerError) -> @Sendable () -> Void {
        let loop = try EventLoop()
        let watchdog = LoopBound(Watchdog(loop: loop, watched: watched, threshold: threshold, logger: logger), on: loop)
        try watchdog.runThread(name: "watchdog")
        return { watchdog.run { $0.loop.stop() } }
    }

    func run() {
        event = Event(on: loop, .interval) { [unowned self] in look() }
        event?.arm(every: max(.milliseconds(1), threshold / 4))
        loop.run()
        event = nil
    }

    private func look() {
        let now = EventLoop.now
        for (number, (name, watch)) in watched.enumerated() {
            guard let run = watch.current, now - run.since >= threshold, reported[number] != run.since else { continue }
            reported[number] = run.since
            var metadata: Logger.Metadata = ["loop": "\(name)", "since-ms": "\((now - run.since).milliseconds)"]
            run.head?.describe(in: &metadata)
            metadata["advice"] = "run the route on the pool, or submit to the pool what blocks"
            logger.warning("a handler blocks its loop", metadata: metadata)
        }
    }
}
