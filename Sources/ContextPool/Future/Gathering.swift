import Synchronization

/// One future made of several: each outcome is noted as it comes, until one of them decides.
///
/// When it is decided, or cancelled, it takes its followers back from the futures that are not complete: a race that is
/// run again and again over one slow job piles nothing up there.
final class Gathering<Value: Sendable, Progress: Sendable, Output: Sendable>: Cancellable {
    typealias Outcome = Future<Value>.Outcome

    /// Notes, under a lock, the outcome of the future with this index; returns the outcome of all where it decides.
    typealias Note = @Sendable (inout Progress, _ index: Int, Outcome) -> Future<Output>.Outcome?

    private struct State {
        var progress: Progress
        var followed: [(future: Future<Value>, number: Int)] = []
        var isDecided = false
    }

    private let note: Note
    private let cancelsOthers: Bool
    private let isOneEnough: Bool
    private let output: Future<Output>
    private let state: Mutex<State>

    private init(
        _ progress: Progress,
        cancelsOthers: Bool,
        isOneEnough: Bool,
        output: Future<Output>,
        note: @escaping Note
    ) {
        self.note = note
        self.cancelsOthers = cancelsOthers
        self.isOneEnough = isOneEnough
        self.output = output
        state = Mutex(State(progress: progress))
    }

    /// Gathers `futures`, of which there is at least one.
    ///
    /// - Parameters:
    ///   - futures: What to gather.
    ///   - progress: What is known before the first outcome.
    ///   - cancelsOthers: Whether to cancel those that are not complete when it is decided.
    ///   - isOneEnough: Whether a single outcome may decide, and not only all of them.
    ///   - site: Where they are gathered, for the error with which the request or the deadline of that line ends it; `nil`
    ///     where neither does.
    ///   - note: How an outcome is noted.
    /// - Returns: The one future.
    static func start(
        _ futures: [Future<Value>],
        from progress: Progress,
        cancelsOthers: Bool,
        isOneEnough: Bool = true,
        site: SourceSite?,
        note: @escaping Note
    ) -> Future<Output> {
        let home = futures.first?.home ?? .none
        let output = Future<Output>(home: home, lifetime: futures.first?.lifetime ?? .withRequest)
        let gathering = Gathering(
            progress,
            cancelsOthers: cancelsOthers,
            isOneEnough: isOneEnough,
            output: output,
            note: note
        )
        output.attach(gathering, seat: nil)
        gathering.follow(futures)
        guard let site else { return output }
        let limits = StepLimits(of: .current, lifetime: output.lifetime, site: site)
        limits.end(output) { [weak gathering] in gathering?.stop($0) }
        return output
    }

    private func follow(_ futures: [Future<Value>]) {
        for (index, future) in futures.enumerated() {
            let number = future.follow { self.hear(index, $0) }
            let isTooLate = state.withLock { state in
                if !state.isDecided, let number { state.followed.append((future, number)) }
                return state.isDecided
            }
            guard isTooLate else { continue }
            if let number { future.forget(number) }
            guard cancelsOthers else { return }
            future.cancel()
        }
    }

    private func hear(_ index: Int, _ outcome: Outcome) -> (any Telling)? {
        let (decided, followed) = state.withLock { state -> (Future<Output>.Outcome?, [(Future<Value>, Int)]) in
            guard !state.isDecided, let decided = note(&state.progress, index, outcome) else { return (nil, []) }
            state.isDecided = true
            return (decided, state.followed.take())
        }
        guard let decided else { return nil }
        letGo(followed)
        return output.settle(decided.result, isCancelled: decided.isCancelled)
    }

    private func letGo(_ followed: [(Future<Value>, Int)]) {
        for (future, number) in followed {
            future.forget(number)
            if cancelsOthers { future.cancel() }
        }
    }

    /// The request of the line that has gathered them was cancelled, or its time is up.
    private func stop(_ error: ContextPoolError) {
        output.finishUnstarted(with: error, isCancelled: true, leavingQueue: leaveQueue)
    }

    /// The one future was cancelled.
    func leaveQueue() {
        let followed = state.withLock { state in
            state.isDecided = true
            return state.followed.take()
        }
        letGo(followed)
    }

    func ended() {}

    func flag() {}

    var sources: Sources {
        Sources(futures: state.withLock { $0.followed.map(\.future) }, isOneEnough: isOneEnough)
    }
}

extension Array {
    fileprivate mutating func take() -> Self {
        defer { self = [] }
        return self
    }
}
