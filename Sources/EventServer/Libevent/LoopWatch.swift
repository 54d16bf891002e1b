import Synchronization

/// What code of the application a loop runs right now, for other threads to see.
final class LoopWatch: Sendable {
    /// One run of code, from its start to its next await.
    struct Run: Sendable {
        fileprivate(set) var since: Duration
        /// The request that it is for, where that is known.
        let head: RequestHead?
    }

    /// The last one runs; it has begun inside of those before it.
    private let runs = Mutex<[Run]>([])

    /// What runs, if anything does.
    var current: Run? { runs.withLock { $0.last } }

    /// A run begins; `false` inside of another one for the same request, whose part it is.
    ///
    /// A request that was pipelined begins inside the run that has answered the one before it.
    func begin(_ head: RequestHead?, at now: Duration) -> Bool {
        runs.withLock { runs in
            if let outer = runs.last, outer.head === head { return false }
            runs.append(Run(since: now, head: head))
            return true
        }
    }

    /// The run is over, and those that it was inside of go on, as if they had begun later by its time.
    ///
    /// - Returns: How long it has taken.
    func end(at now: Duration) -> Duration {
        runs.withLock { runs in
            guard let ended = runs.popLast() else { return .zero }
            let duration = now - ended.since
            for index in runs.indices { runs[index].since += duration }
            return duration
        }
    }
}
