import Synchronization

/// Which workers are blocked in `Future.wait`, on what: to see that a wait can never end.
///
/// One for the process, since a circle may go through several pools. Only a worker that is about to block comes here.
enum WaitGraph {
    fileprivate struct Wait: Sendable {
        let queue: JobQueue
        /// The jobs that the worker is in, innermost last: none ends before the wait does.
        let inside: [any Job]
        let target: any Promise
    }

    fileprivate typealias Waits = [ObjectIdentifier: Wait]

    private static let state = Mutex<Waits>([:])
    /// Beside the lock, for those who come by while nobody waits.
    private static let count = Atomic<Int>(0)
    /// How often what others wait for came to wait for something else.
    private static let changes = Atomic<Int>(0)

    /// What a worker saw when it came.
    struct Look {
        /// Whether the wait can never end.
        let isCircular: Bool
        fileprivate let changes: Int
    }

    /// A worker is about to block until `target` is complete.
    ///
    /// Whoever comes last to a circle sees all of it, so nobody else has to look again. The walk goes over a copy: what it holds
    /// for a moment may die with it, and must not under a lock.
    static func add(_ worker: Worker, for target: any Promise) -> Look {
        let id = ObjectIdentifier(worker)
        let wait = Wait(queue: worker.queue, inside: worker.jobs, target: target)
        count.add(1, ordering: .sequentiallyConsistent)
        let changes = changes.load(ordering: .sequentiallyConsistent)
        let waits = state.withLock { waits in
            waits[id] = wait
            return waits
        }
        var walk = WaitWalk(from: id, waits)
        return Look(isCircular: walk.leadsBack(target), changes: changes)
    }

    static func remove(_ worker: Worker) {
        // The jobs die outside of the lock.
        _ = state.withLock { $0.removeValue(forKey: ObjectIdentifier(worker)) }
        count.subtract(1, ordering: .sequentiallyConsistent)
    }

    /// Whether a circle may have closed without a new wait.
    static func hasChanged(since look: Look) -> Bool { changes.load(ordering: .sequentiallyConsistent) != look.changes }

    /// Something waits for something else than before: has those look again whom it may concern.
    static func change() {
        guard count.load(ordering: .sequentiallyConsistent) > 0 else { return }
        changes.add(1, ordering: .sequentiallyConsistent)
        for wait in state.withLock({ $0 }).values { wait.queue.wakeWaiting() }
    }
}

/// Goes from a future to what it waits for, and so on.
private struct WaitWalk {
    /// More than any program means to have; who exceeds it is not told of a circle rather than held up.
    private static let mostSteps = 10_000
    private static let mostBranches = 100

    private let worker: ObjectIdentifier
    private let waits: WaitGraph.Waits
    /// What is known of where the walk has been: that of a future which it is on its way from is no.
    private var known: [ObjectIdentifier: Bool] = [:]

    init(from worker: ObjectIdentifier, _ waits: WaitGraph.Waits) {
        self.worker = worker
        self.waits = waits
    }

    /// Whether `target` cannot be complete before the worker that looks goes on.
    mutating func leadsBack(_ target: any Promise, branches: Int = 0) -> Bool {
        var path: [ObjectIdentifier] = []
        var target = target
        var isBack = false
        while known.count < Self.mostSteps {
            let id = ObjectIdentifier(target)
            if let answer = known[id] {
                isBack = answer
                break
            }
            known[id] = false
            path.append(id)
            guard let job = target.job else { break }
            if let next = waits.first(where: { $0.value.inside.contains { $0 === job } }) {
                if next.key == worker {
                    isBack = true
                    break
                }
                target = next.value.target
                continue
            }
            let sources = job.sources.futures.filter { !$0.isFinished }
            if sources.count == 1 {
                target = sources[0]
                continue
            }
            guard !sources.isEmpty, branches < Self.mostBranches else { break }
            if job.sources.isOneEnough {
                isBack = sources.allSatisfy { leadsBack($0, branches: branches + 1) }
            } else {
                isBack = sources.contains { leadsBack($0, branches: branches + 1) }
            }
            break
        }
        if isBack { for id in path { known[id] = true } }
        return isBack
    }
}
