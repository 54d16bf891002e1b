/// Which workers are blocked in `Future.wait`, on which job: to see that a wait can never end.
struct WaitGraph {
    private struct Wait {
        /// The jobs that the worker is in, innermost last: none ends before the wait does.
        let inside: [any Job]
        let target: (any Job)?
    }

    private var waits: [ObjectIdentifier: Wait] = [:]

    var count: Int { waits.count }
    var isEmpty: Bool { waits.isEmpty }

    /// A worker is about to block inside of `jobs`, until `target` has ended.
    mutating func add(_ worker: ObjectIdentifier, inside jobs: [any Job], for target: (any Job)?) {
        waits[worker] = Wait(inside: jobs, target: target)
    }

    mutating func remove(_ worker: ObjectIdentifier) { waits[worker] = nil }

    /// Whether the wait of `worker` is for a job that, over however many others, waits for the worker itself.
    func isCircular(from worker: ObjectIdentifier) -> Bool {
        var target = waits[worker]?.target
        // Each step goes to another worker, or the circle is one of others, and no affair of this worker.
        for _ in waits {
            guard let job = target else { return false }
            guard let next = waits.first(where: { $0.value.inside.contains { $0 === job } }) else { return false }
            if next.key == worker { return true }
            target = next.value.target
        }
        return false
    }
}
