import Synchronization

/// Which workers are blocked in `Future.wait`, on what: to see that a wait can never end.
///
/// One for the process, since a circle may go through several pools. Only a worker that is about to block comes here, and a job
/// whose task is about to suspend.
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
        var walk = WaitWalk(to: id, waits)
        return Look(isCircular: walk.leadsBack(target), changes: changes)
    }

    static func remove(_ worker: Worker) {
        // The jobs die outside of the lock.
        _ = state.withLock { $0.removeValue(forKey: ObjectIdentifier(worker)) }
        count.subtract(1, ordering: .sequentiallyConsistent)
    }

    /// Whether a circle may have closed since.
    static func hasChanged(since look: Look) -> Bool { changes.load(ordering: .sequentiallyConsistent) != look.changes }

    /// Whether `target`, which `job` has come to wait for, cannot be complete before that job is.
    ///
    /// As with workers, whoever comes last to a circle sees all of it: each has noted what it waits for before it looks.
    static func isCircular(_ job: any Cancellable, for target: any Promise) -> Bool {
        let waits = count.load(ordering: .sequentiallyConsistent) > 0 ? state.withLock { $0 } : [:]
        var walk = WaitWalk(to: ObjectIdentifier(job), waits)
        return walk.leadsBack(target)
    }

    /// Whether `target`, which `step` has come to wait for, waits for it in turn, over futures and tasks alone.
    ///
    /// Where a worker is in the circle it is the worker that is told, by ``change(_:to:)``.
    static func closesCircle(_ step: any Cancellable, to target: any Promise) -> Bool {
        var walk = WaitWalk(to: ObjectIdentifier(step), [:])
        return walk.leadsBack(target)
    }

    /// `job` waits for `target` from now on: where that may have closed a circle, the workers that wait look again.
    ///
    /// Only there: to wake them whenever anything goes on had each of them walk a long chain anew for every step of any other.
    ///
    /// - Returns: Whether they were woken.
    @discardableResult
    static func change(_ job: any Cancellable, to target: any Promise) -> Bool {
        guard count.load(ordering: .sequentiallyConsistent) > 0 else { return false }
        return change(job, toOneOf: [target])
    }

    /// The same where the end of any one of several is enough: there is a circle where all of them lead back.
    @discardableResult
    static func change(_ job: any Cancellable, toOneOf targets: [any Promise]) -> Bool {
        guard count.load(ordering: .sequentiallyConsistent) > 0 else { return false }
        let waits = state.withLock { $0 }
        // Whether one is enough depends on who looks.
        var walk = WaitWalk(to: ObjectIdentifier(job), waits, isAnyEnough: true)
        for target in targets where !walk.leadsBack(target) { return false }
        changes.add(1, ordering: .sequentiallyConsistent)
        for wait in waits.values { wait.queue.wakeWaiting() }
        return true
    }
}

/// Goes from a future to what it waits for, and so on.
private struct WaitWalk {
    /// More than any program means to have; who exceeds it is not told of a circle rather than held up.
    private static let mostSteps = 10_000
    private static let mostBranches = 100

    /// The worker or the job that is about to wait.
    private let goal: ObjectIdentifier
    private let waits: WaitGraph.Waits
    /// Whether one way back is enough also where the futures of all ways would have to lead there.
    private let isAnyEnough: Bool
    /// What is known of where the walk has been: that of a future which it is on its way from is no.
    private var known: [ObjectIdentifier: Bool] = [:]

    init(to goal: ObjectIdentifier, _ waits: WaitGraph.Waits, isAnyEnough: Bool = false) {
        self.goal = goal
        self.waits = waits
        self.isAnyEnough = isAnyEnough
    }

    /// Whether `target` cannot be complete before the one that looks goes on.
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
            if ObjectIdentifier(job) == goal {
                isBack = true
                break
            }
            if let next = waits.first(where: { $0.value.inside.contains { $0 === job } }) {
                if next.key == goal {
                    isBack = true
                    break
                }
                target = next.value.target
                continue
            }
            let all = job.sources
            // Where one is enough, it may be one that is complete and of which the job has yet to hear.
            let sources = all.isOneEnough ? all.futures : all.futures.filter { !$0.isFinished }
            if sources.count == 1 {
                target = sources[0]
                continue
            }
            guard !sources.isEmpty, branches < Self.mostBranches else { break }
            if all.isOneEnough, !isAnyEnough {
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
