public import ContextPool
import Metrics
import Synchronization

/// Counts and times what happens in a pool, with swift-metrics: in whatever system the application has bootstrapped.
///
/// | metric | kind | dimensions |
/// |---|---|---|
/// | `baton.jobs.waiting`, `baton.jobs.unfinished` | gauge, as of the last ``sample(_:)`` | `pool` |
/// | `baton.jobs.wait` | timer: from `submit` until a worker took the job | `pool`, `job` |
/// | `baton.jobs.run` | timer: from then until its body ended | `pool`, `job`, `result`: `succeeded`, `failed`, `cancelled` |
/// | `baton.jobs.refused` | counter: `submit` threw | `pool`, `code`, such as `queueFull` |
/// | `baton.jobs.unstarted` | counter: jobs that were taken in and never ran | `pool`, `reason`: a code, or `cancelled` |
/// | `baton.jobs.saved` | counter: those of them whose request was cancelled, or out of time: work that was not done | `pool` |
/// | `baton.jobs.unseen` | counter: failures that nobody has asked for | `pool` |
/// | `baton.callbacks.failed` | counter: callbacks of a future that threw | |
/// | `baton.context.leaks` | counter: a job has left something behind on its worker | `pool` |
/// | `baton.route.cpu.seconds` | counter: the processor time of the jobs of a route's requests, and of its handler where that is `on: .pool` | `route`, as in its pattern |
///
/// `job` is the name that `submit(named:)` gave it, and empty without one. Names should be few: beyond the first 100 all are
/// counted as `other`. `route` is empty for jobs that have no request, or do not see it.
public final class PoolMetrics: ContextPoolObserver {
    /// How many names of jobs are told apart.
    static let nameLimit = 100

    private struct Job: Hashable {
        let pool: String
        let name: String
    }

    private struct Timers {
        let wait: Timer
        let succeeded: Timer
        let failed: Timer
        let cancelled: Timer
    }

    private struct State {
        var timers: [Job: Timers] = [:]
        var routes: [String: FloatingPointCounter] = [:]
    }

    /// `false` where the application has bootstrapped no metrics: then pools need not look at their clocks.
    public let measuresJobs: Bool

    private let factory: any MetricsFactory
    // Unlike those that are seldom, they are kept: a factory looks them up under a lock of its own.
    private let state = Mutex(State())

    /// Creates the metrics in the system that the application has bootstrapped.
    public convenience init() { self.init(factory: MetricsSystem.factory) }

    init(factory: any MetricsFactory) {
        self.factory = factory
        measuresJobs = !(factory is NOOPMetricsHandler)
    }

    /// Records how many jobs wait, and how many have not ended; to be called now and then.
    ///
    /// Not at each change: the number at a moment is what a gauge shows, and the timers show what happened in between.
    ///
    /// - Parameter pool: The pool.
    public func sample(_ pool: ContextPool) {
        gauge("baton.jobs.waiting", pool).record(pool.waitingJobs)
        gauge("baton.jobs.unfinished", pool).record(pool.unfinishedJobs)
    }

    /// Counts a refusal by its code.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - error: Why it was refused.
    public func submissionRefused(_ job: JobInfo, _ error: ContextPoolError) {
        count("baton.jobs.refused", [("pool", job.pool), ("code", error.code.description)])
    }

    /// Counts a job that never runs by the reason.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - reason: Why it does not run.
    ///   - waited: How long it has waited.
    public func jobNeverRan(_ job: JobInfo, _ reason: any Error, waited: Duration) {
        let code = (reason as? ContextPoolError)?.code
        let text = code?.description ?? (reason is CancellationError ? "cancelled" : "failed")
        count("baton.jobs.unstarted", [("pool", job.pool), ("reason", text)])
        if code == .requestCancelled || code == .deadlinePassed { count("baton.jobs.saved", [("pool", job.pool)]) }
    }

    /// Records how long a job waited and ran, and charges its processor time to its route.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - run: How it ran.
    public func jobRan(_ job: JobInfo, _ run: JobRun) {
        let timers = timers(of: job)
        timers.wait.record(duration: run.waited)
        let timer =
            switch run.error {
            case nil: timers.succeeded
            case .some(let error): error is CancellationError ? timers.cancelled : timers.failed
            }
        timer.record(duration: run.took)
        charge(run.processorTime, to: job.values.route ?? "")
    }

    /// Charges the processor time of a handler that is `on: .pool` to its route.
    ///
    /// - Parameters:
    ///   - visit: The handler's time on the workers.
    ///   - run: How it ran.
    public func visitEnded(_ visit: JobInfo, _ run: JobRun) {
        charge(run.processorTime, to: visit.values.route ?? "")
    }

    /// Counts a failure when nobody has seen it.
    ///
    /// - Parameters:
    ///   - job: The job, or step.
    ///   - error: Why it failed.
    /// - Returns: What counts it.
    public func ifUnseen(_ job: JobInfo?, _ error: any Error) -> (@Sendable () -> Void)? {
        guard !(error is CancellationError) else { return nil }
        let pool = job?.pool ?? ""
        return { self.count("baton.jobs.unseen", [("pool", pool)]) }
    }

    /// Counts a callback that threw.
    ///
    /// - Parameters:
    ///   - job: The job, where it is known.
    ///   - error: What the callback threw.
    public func callbackFailed(_ job: JobInfo?, _ error: any Error) { count("baton.callbacks.failed", []) }

    /// Counts a leak.
    ///
    /// - Parameters:
    ///   - job: The job that has left something behind.
    ///   - name: What it has left.
    public func contextLeaked(_ job: JobInfo?, _ name: String) {
        count("baton.context.leaks", [("pool", job?.pool ?? "")])
    }

    private func count(_ label: String, _ dimensions: [(String, String)]) {
        Counter(label: label, dimensions: dimensions, factory: factory).increment()
    }

    private func gauge(_ label: String, _ pool: ContextPool) -> Gauge {
        Gauge(label: label, dimensions: [("pool", pool.name)], factory: factory)
    }

    private func charge(_ time: Duration, to route: String) {
        let (seconds, attoseconds) = time.components
        let counter = state.withLock { state in
            if let counter = state.routes[route] { return counter }
            // As many as there are patterns.
            let dimensions = [("route", route)]
            let counter = FloatingPointCounter(
                label: "baton.route.cpu.seconds",
                dimensions: dimensions,
                factory: factory
            )
            state.routes[route] = counter
            return counter
        }
        counter.increment(by: Double(seconds) + Double(attoseconds) / 1e18)
    }

    private func timers(of job: JobInfo) -> Timers {
        state.withLock { state in
            let named = Job(pool: job.pool, name: job.name ?? "")
            if let timers = state.timers[named] { return timers }
            let key = state.timers.count < Self.nameLimit ? named : Job(pool: job.pool, name: "other")
            if let timers = state.timers[key] { return timers }
            let timers = makeTimers(key)
            state.timers[key] = timers
            return timers
        }
    }

    private func makeTimers(_ job: Job) -> Timers {
        let dimensions = [("pool", job.pool), ("job", job.name)]
        func run(_ result: String) -> Timer {
            Timer(label: "baton.jobs.run", dimensions: dimensions + [("result", result)], factory: factory)
        }
        return Timers(
            wait: Timer(label: "baton.jobs.wait", dimensions: dimensions, factory: factory),
            succeeded: run("succeeded"),
            failed: run("failed"),
            cancelled: run("cancelled")
        )
    }
}
