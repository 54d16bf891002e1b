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
        /// The job of seat 0, which has no list, because as a rule there is no other: that would allocate.
        var firstJob: (any Job)?
        /// The others by seat, counted from 1, so that a job leaves in O(1), however many there are.
        var otherJobs: [(any Job)?] = []
        var freeSeats: [Int] = []
        var callbacks: [Int: @Sendable () -> Void] = [:]
        var nextCallback = 0
        /// Jobs that wait for the end, whichever it is.
        var heldJobs: [HeldJob] = []
        /// Whether the request has ended: also one that was cancelled goes on until then.
        var hasEnded = false
    }

    // Its queue keeps it: one that is cancelled there lets go of what it holds at once.
    private struct HeldJob {
        weak var job: (any Job)?
    }

    /// A job's entry, to be left once, when the job has ended.
    struct Seat: Sendable {
        fileprivate let life: RequestLife
        fileprivate let index: Int

        func leave() { life.leave(index) }
    }

    private let state = BargingMutex(State())
    // Beside the lock, since every job asks before it begins.
    private let cancelled = Atomic<Bool>(false)
    private let deadlineInNanoseconds: Atomic<Int64>

    /// - Parameter deadline: When the request's time is up, on the clock of its pool.
    init(deadline: Duration? = nil) { deadlineInNanoseconds = Atomic(Self.nanoseconds(deadline)) }

    /// When the request's time is up, so that jobs do not begin; `nil` where it has no limit, and after its end.
    var deadline: Duration? {
        let nanoseconds = deadlineInNanoseconds.load(ordering: .relaxed)
        return nanoseconds == .max ? nil : .nanoseconds(nanoseconds)
    }

    /// Moves the deadline nearer; never away.
    func limit(to deadline: Duration) {
        state.withLock { state in
            guard state.phase == .alive, Self.nanoseconds(deadline) < deadlineInNanoseconds.load(ordering: .relaxed)
            else { return }
            deadlineInNanoseconds.store(Self.nanoseconds(deadline), ordering: .relaxed)
        }
    }

    /// Takes the deadline back.
    func liftDeadline() { state.withLock { _ in deadlineInNanoseconds.store(.max, ordering: .relaxed) } }

    private static func nanoseconds(_ deadline: Duration?) -> Int64 {
        guard let (seconds, attoseconds) = deadline?.clampedToAges.components else { return .max }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// Takes a job in, to be stopped with the request; `nil` where there is nothing to wait for any more.
    func seat(_ job: any Job) -> Seat? {
        state.withLock { state in
            guard state.phase == .alive else { return nil }
            if state.firstJob == nil {
                state.firstJob = job
                return Seat(life: self, index: 0)
            }
            if !state.freeSeats.isEmpty {
                let index = state.freeSeats.removeLast()
                state.otherJobs[index - 1] = job
                return Seat(life: self, index: index)
            }
            state.otherJobs.append(job)
            return Seat(life: self, index: state.otherJobs.count)
        }
    }

    private func leave(_ index: Int) {
        // What leaves dies outside of the lock: with a job its closure may die, and with that anything.
        _ = state.withLock { state -> (any Job)? in
            guard state.phase == .alive else { return nil }
            if index == 0 { return state.firstJob.take() }
            state.freeSeats.append(index)
            return state.otherJobs[index - 1].take()
        }
    }

    /// Keeps a job until the request has ended; `false` where it has.
    func hold(_ job: any Job) -> Bool {
        state.withLock { state in
            guard !state.hasEnded else { return false }
            state.heldJobs.append(HeldJob(job: job))
            return true
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
        guard let ended = state.withLock({ close(&$0, as: .cancelled) }) else { return }
        for job in [ended.firstJob] + ended.otherJobs {
            if let job { job.stop(.requestCancelled(job.submission.site)) }
        }
        for (_, callback) in ended.callbacks.sorted(by: { $0.key < $1.key }) { callback() }
    }

    /// Ends the life: jobs go on, and cannot be stopped by it any more, and those that have waited for it may begin.
    func end() {
        // What it held dies outside of the lock.
        let (_, held) = state.withLock { state in
            let ended = close(&state, as: .over)
            state.hasEnded = true
            var held: [HeldJob] = []
            swap(&held, &state.heldJobs)
            return (ended, held)
        }
        for held in held { if let job = held.job { job.queue.release(job) } }
    }

    private func close(_ state: inout State, as phase: Phase) -> State? {
        guard state.phase == .alive else { return nil }
        // Before the lock is free: who finds no seat must find the reason, too.
        if phase == .cancelled { cancelled.store(true, ordering: .releasing) }
        deadlineInNanoseconds.store(.max, ordering: .relaxed)
        var ended = State(phase: phase, heldJobs: state.heldJobs)
        swap(&ended, &state)
        return ended
    }

    /// How many jobs and callbacks are held.
    var count: Int {
        state.withLock { state in
            (state.firstJob == nil ? 0 : 1) + state.otherJobs.count - state.freeSeats.count + state.callbacks.count
        }
    }
}
