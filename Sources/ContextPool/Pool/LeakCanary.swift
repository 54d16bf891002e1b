import Synchronization

/// Looks, between two jobs of a worker, whether the first has left something that the second would see.
///
/// Scoped values cannot be left behind. What can is a value of a C library that a propagator applied and did not restore,
/// or a defect of this module. A debug build stops there; a release build counts it and tells the observer, since a
/// server that ends helps nobody.
final class LeakCanary: Sendable {
    private let propagators: [ContextPropagator]
    private let observer: (any ContextPoolObserver)?
    private let stopsDebugBuilds: Bool
    private let leaks = Atomic<Int>(0)

    /// - Parameters:
    ///   - propagators: Those of the pool, each of which may be asked whether its value is clear.
    ///   - observer: Is told of each leak.
    ///   - stopsDebugBuilds: Off in the tests of the canary itself.
    init(
        propagators: [ContextPropagator],
        observer: (any ContextPoolObserver)?,
        stopsDebugBuilds: Bool = true
    ) {
        self.propagators = propagators
        self.observer = observer
        self.stopsDebugBuilds = stopsDebugBuilds
    }

    /// How often something was left behind.
    var count: Int { leaks.load(ordering: .relaxed) }

    /// Asks once on a worker that has not run anything yet: what ``ContextPropagator/isClear`` compares with is what it was
    /// first asked about, and must not be what a job has left.
    func settleIn() { for propagator in propagators { _ = propagator.isClear?() } }

    /// Looks around on a worker that has just run `item`.
    func check(after item: JobQueue.Item) {
        if case .none = ContextScope.current {} else { report("the request context", after: item) }
        for propagator in propagators where propagator.isClear?() == false { report(propagator.name, after: item) }
    }

    private func report(_ name: String, after item: JobQueue.Item) {
        leaks.add(1, ordering: .relaxed)
        let job: JobInfo? = if case .job(let job) = item { job.info } else { nil }
        observer?.contextLeaked(job, name)
        assert(!stopsDebugBuilds, "\(job?.description ?? "a task") has left \(name) behind on its worker")
    }
}
