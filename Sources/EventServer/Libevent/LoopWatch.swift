import Synchronization

/// What code of the application a loop runs right now, for other threads to see.
final class LoopWatch: Sendable {
    /// One run of code, from its start to its next await.
    struct Run: Sendable {
        let since: Duration
        /// The request that it is for, where that is known.
        let head: RequestHead?
    }

    private let run = Mutex<Run?>(nil)

    /// What runs, if anything does.
    var current: Run? { run.withLock { $0 } }

    /// A run begins; `false` inside of another one, whose part it is.
    func begin(_ head: RequestHead?, at now: Duration) -> Bool {
        run.withLock { run in
            guard run == nil else { return false }
            run = Run(since: now, head: head)
            return true
        }
    }

    /// The run is over.
    ///
    /// - Returns: How long it has taken.
    func end(at now: Duration) -> Duration {
        let ended = run.withLock { run in
            defer { run = nil }
            return run
        }
        return ended.map { now - $0.since } ?? .zero
    }
}
