import Synchronization

/// Whether somebody still waits for a request, and what to stop once nobody does.
///
/// One small object for a request and everything submitted from it, made when the first job is. It is alive, and then
/// either cancelled or over, for good: a request that ended normally cannot be cancelled by what comes later.
final class RequestLife: Sendable {
    private enum Phase {
        case alive
        case cancelled
        case over
    }

    private struct State {
        var phase = Phase.alive
        /// By seat, so that a job leaves in O(1), however many there are.
        var jobs: [(any Job)?] = []
        var freeSeats: [Int] = []
        var callbacks: [Int: @Sendable () -> Void] = [:]
        var nextCallback = 0
    }

    /// A job's entry, to be left once, when the job has ended.
    struct Seat: Sendable {
        fileprivate let life: RequestLife
        fileprivate let index: Int

        func leave() { life.leave(index) }
    }

    private let state = Mutex(State())
    // Beside the lock, since every job asks before it begins.
    private let cancelled = Atomic<Bool>(false)

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// Takes a job in, to be stopped with the request; `nil` where there is nothing to wait for any more.
    func seat(_ job: any Job) -> Seat? {
        state.withLock { state in
            guard state.phase == .alive else { return nil }
            if let index = state.freeSeats.popLast() {
                state.jobs[index] = job
                return Seat(life: self, index: index)
            }
            state.jobs.append(job)
            return Seat(life: self, index: state.jobs.count - 1)
        }
    }

    private func leave(_ index: Int) {
        // What leaves dies outside of the lock: with a job its closure may die, and with that anything.
        _ = state.withLock { state -> (any Job)? in
            guard state.phase == .alive else { return nil }
            state.freeSeats.append(index)
            return state.jobs[index].take()
        }
    }

    /// Keeps a callback for the cancellation; `nil` where it was run at once, or never will be.
    func add(_ callback: @escaping @Sendable () -> Void) -> Int? {
        let (number, isTooLate) = state.withLock { state -> (Int?, Bool) in
            guard state.phase == .alive else { return (nil, state.phase == .cancelled) }
            state.nextCallback += 1
            state.callbacks[state.nextCallback] = callback
            return (state.nextCallback, false)
        }
        if isTooLate { callback() }
        return number
    }

    /// Forgets a callback; a number that is gone already is no mistake.
    func removeCallback(_ number: Int) {
        _ = state.withLock { $0.callbacks.removeValue(forKey: number) }
    }

    /// Stops what belongs to the request: jobs that wait end, those that run are told, and the callbacks run.
    ///
    /// Nothing is called under the lock. Only the first call does anything, and none after ``end()``.
    func cancel() {
        guard let ended = close(as: .cancelled) else { return }
        let jobs = ended.jobs.compactMap { $0 }
        for job in jobs { job.stop() }
        // Once for all of them: taking each out by itself would cost the square of their number, on an event loop.
        var swept: [JobQueue] = []
        for job in jobs where !swept.contains(where: { $0 === job.queue }) {
            swept.append(job.queue)
            job.queue.discardFinished()
        }
        for (_, callback) in ended.callbacks.sorted(by: { $0.key < $1.key }) { callback() }
    }

    /// Ends a life that nobody has cut short: jobs go on, and cannot be stopped by it any more.
    func end() { _ = close(as: .over) }

    private func close(as phase: Phase) -> State? {
        state.withLock { state -> State? in
            guard state.phase == .alive else { return nil }
            defer {
                state = State()
                state.phase = phase
            }
            // Before the lock is free: who finds no seat must find the reason, too.
            if phase == .cancelled { cancelled.store(true, ordering: .releasing) }
            return state
        }
    }

    /// How many jobs and callbacks are held.
    var count: Int { state.withLock { $0.jobs.count - $0.freeSeats.count + $0.callbacks.count } }
}
