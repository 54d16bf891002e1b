import ContextPool

/// Lets strands go on, one at a time, as a schedule chooses.
///
/// Each strand has a thread of its own, so that it can stop in the middle of whatever it does; but a thread that has not the
/// turn is blocked, and so nothing ever happens at the same time. Continuations instead of threads would not do: most of what
/// is interesting to interrupt is synchronous.
final class Stepper: Sendable {
    struct State {
        var strands: [Strand] = []
        /// Whose turn it is.
        var turn: Int?
        /// How often something happened that somebody may have waited for.
        var progress = 0
        var failure: DeterministicPoolError?
        var thrown: [any Error] = []
        var isOver = false
    }

    let schedule: Schedule
    let clock = VirtualClock()
    private let state = Monitor(State())

    /// How long a step may take for real: longer than any does, and far from the limit of a test.
    private let patience: Duration

    init(schedule: Schedule, patience: Duration = .seconds(10)) {
        self.schedule = schedule
        self.patience = patience
    }

    /// Lets the threads go, those that are in the middle of something included, which they end without being stepped.
    func end() {
        state.withLock { $0.isOver = true }
        state.broadcast()
    }

    func add(_ strand: Strand) { state.withLock { $0.strands.append(strand) } }

    func threw(_ error: any Error) { state.withLock { $0.thrown.append(error) } }

    /// Those that wait for something in the middle of their work.
    var waiting: [String] {
        state.withLock { state in
            state.strands.compactMap { if case .waiting = $0.phase { $0.name } else { nil } }
        }
    }

    /// Something has happened outside of the strands.
    func touch() { state.withLock { $0.progress += 1 } }

    /// Lets one strand go on until it pauses, waits or is through; `false` where none can.
    func step() throws -> Bool {
        guard current == nil else { throw DeterministicPoolError.insideStep }
        let isStarted = try state.withLock { state -> Bool? in
            if let failure = state.failure { throw failure }
            guard !state.isOver, let next = choose(&state) else { return nil }
            state.turn = next
            schedule.note("\(state.strands[next].name): \(state.strands[next].intent)")
            defer { state.strands[next].isStarted = true }
            return state.strands[next].isStarted
        }
        guard let isStarted else { return false }
        if isStarted { state.broadcast() } else { try start() }
        let isBack: Void? = state.wait(timeout: patience) { $0.turn == nil ? () : nil }
        return try state.withLock { state in
            if isBack == nil, let turn = state.turn {
                state.failure = .blocked(state.strands[turn].name, schedule)
            }
            if let failure = state.failure { throw failure }
            if !state.thrown.isEmpty { throw state.thrown.removeFirst() }
            return true
        }
    }

    private func choose(_ state: inout State) -> Int? {
        let candidates = candidates(state)
        return candidates.isEmpty ? nil : candidates[schedule.choose(among: candidates.count)]
    }

    /// Whether a strand can go on.
    var canStep: Bool { state.withLock { $0.turn == nil && !candidates($0).isEmpty } }

    private func candidates(_ state: State) -> [Int] {
        let now = clock.now
        var hasIdleWorker = false
        return state.strands.indices.filter { index in
            let strand = state.strands[index]
            switch strand.phase {
            case .paused: return true
            case .waiting(let deadline, let looked):
                return looked != state.progress || deadline.map { $0 <= now } ?? false
            case .idle:
                // Idle workers are all alike.
                if strand.isWorker, hasIdleWorker { return false }
                hasIdleWorker = hasIdleWorker || strand.isWorker
                return strand.hasWork()
            case .over: return false
            }
        }
    }

    /// Starts the thread of the strand whose turn it is.
    private func start() throws {
        let turn = state.withLock { state in state.turn.map { ($0, state.strands[$0]) } }
        guard let (index, strand) = turn else { return }
        do {
            try PlatformThread.start(name: strand.name) { [self] in
                state.withLock { $0.strands[index].thread = PlatformThread.current }
                while awaitTurn(index) {
                    strand.work()
                    giveUp(index, as: .idle, intent: strand.intent)
                }
            } atEnd: { [self] _ in
                // Also where the work has ended its thread.
                giveUp(index, as: .over, intent: "")
            }
        } catch {
            let failure = DeterministicPoolError.threadUnavailable(error)
            state.withLock { state in
                state.failure = failure
                state.turn = nil
            }
            throw failure
        }
    }

    private func awaitTurn(_ index: Int) -> Bool {
        state.wait { state in
            if state.isOver { return false }
            return state.turn == index ? true : nil
        } ?? false
    }

    private func giveUp(_ index: Int, as phase: Strand.Phase, intent: String, isProgress: Bool = true) {
        state.withLock { state in
            state.strands[index].phase = phase
            state.strands[index].intent = intent
            if isProgress { state.progress += 1 }
            if case .waiting(let deadline, _) = phase {
                state.strands[index].phase = .waiting(until: deadline, looked: state.progress)
            }
            if state.turn == index { state.turn = nil }
        }
        state.broadcast()
    }

    /// The strand that the calling thread belongs to.
    private var current: Int? {
        let thread = PlatformThread.current
        return state.withLock { state in state.strands.firstIndex { $0.thread == thread } }
    }

    /// Lets others go on first, where a strand calls; `intent` is what it does next.
    func pause(_ intent: String) {
        guard let index = current else { return }
        giveUp(index, as: .paused, intent: intent)
        _ = awaitTurn(index)
    }

    /// Lets others go on until `isOver`: what a thread does here where it would block.
    func wait(_ timeout: Duration?, _ isOver: () -> Bool) -> Bool {
        let deadline = timeout.map { clock.now + $0.clampedToAges }
        guard let index = current else { return drive(until: deadline, isOver) }
        var isProgress = true
        while !isOver() {
            if let deadline, clock.now >= deadline { return false }
            giveUp(index, as: .waiting(until: deadline, looked: 0), intent: "looks again", isProgress: isProgress)
            // Looking in vain is no progress, or two who wait would keep each other busy for ever.
            isProgress = false
            guard awaitTurn(index) else { return isOver() }
        }
        return true
    }

    /// Steps until `isOver`, on the thread of the test; where nothing is left to do time passes.
    private func drive(until deadline: Duration?, _ isOver: () -> Bool) -> Bool {
        touch()
        while !isOver() {
            do { if try step() { continue } } catch { return false }
            guard let next = [clock.next, nextDeadline, deadline].compactMap({ $0 }).min() else { return false }
            if let deadline, next >= deadline, clock.now >= deadline { return false }
            clock.advance(to: next)
        }
        return true
    }

    /// When the first of those who wait gives up.
    private var nextDeadline: Duration? {
        state.withLock { state in
            state.strands.compactMap { if case .waiting(let deadline, _) = $0.phase { deadline } else { nil } }.min()
        }
    }
}
