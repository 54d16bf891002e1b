/// One future made of several: each end is noted as it comes, until one of them decides.
///
/// When it is decided, or cancelled, it takes its followers back from the futures that are not complete: a race that is
/// run again and again over one slow job piles nothing up there.
///
/// It knows no types of values, as ``Completion`` does not and for the same reason: they stay in their boxes until all are there.
final class Gathering: Cancellable {
    /// What decides, and how the one future ends then.
    enum Rule {
        /// The first failure; otherwise the last of the values, which are made into one.
        case all(@Sendable ([Completion.Value]) -> Completion.Value)
        /// The first value, or the last failure; then it is the failure of the first future in the list.
        case first
        /// The first end.
        case race
        /// The end that meets the condition; there is no value.
        case condition(FutureCondition)

        /// Whether a single end may decide, and not only all of them.
        fileprivate var isOneEnough: Bool {
            switch self {
            case .all, .condition(.allCompleted): false
            case .first, .race, .condition: true
            }
        }
    }

    private struct Followed {
        let promise: any Promise
        let number: Int
    }

    private struct State {
        /// By index; none where no value is wanted.
        var values: [Completion.Value?]
        var missing: Int
        var firstFailure: Completion.Phase?
        var followed: [Followed] = []
        var isDecided = false
    }

    private let rule: Rule
    private let cancelsOthers: Bool
    private let output: any Promise
    private let state: BargingMutex<State>

    private init(_ rule: Rule, count: Int, cancelsOthers: Bool, output: any Promise) {
        self.rule = rule
        self.cancelsOthers = cancelsOthers
        self.output = output
        let places = if case .all = rule { count } else { 0 }
        state = BargingMutex(State(values: Array(repeating: nil, count: places), missing: count))
    }

    /// Gathers `promises`, of which there is at least one, into `output`.
    ///
    /// - Parameters:
    ///   - promises: What to gather.
    ///   - rule: What decides.
    ///   - cancelsOthers: Whether to cancel those that are not complete when it is decided.
    ///   - output: The one future.
    ///   - site: Where they are gathered, for the error with which the request or the deadline of that line ends it; `nil`
    ///     where neither does.
    static func start(
        _ promises: [any Promise],
        by rule: Rule,
        cancelsOthers: Bool,
        into output: any Promise,
        site: SourceSite?
    ) {
        let gathering = Gathering(rule, count: promises.count, cancelsOthers: cancelsOthers, output: output)
        output.attach(gathering, seat: nil)
        gathering.follow(promises)
        guard let site else { return }
        let limits = StepLimits(of: .current, lifetime: output.lifetime, site: site)
        limits.end(output) { [weak gathering] in gathering?.stop($0) }
    }

    private func follow(_ promises: [any Promise]) {
        state.withLock { $0.followed.reserveCapacity(promises.count) }
        for (index, promise) in promises.enumerated() {
            let number = promise.followEnd { self.hear(index, $0) }
            let isTooLate = state.withLock { state in
                if !state.isDecided, let number { state.followed.append(Followed(promise: promise, number: number)) }
                return state.isDecided
            }
            guard isTooLate else { continue }
            if let number { promise.forget(number) }
            guard cancelsOthers else { return }
            promise.cancel()
        }
    }

    private func hear(_ index: Int, _ end: Completion.Phase) -> (any Telling)? {
        var followed: [Followed] = []
        var values: [Completion.Value?] = []
        let decided = state.withLock { state -> Completion.Phase? in
            guard !state.isDecided, let decided = note(index, end, in: &state) else { return nil }
            state.isDecided = true
            swap(&state.followed, &followed)
            swap(&state.values, &values)
            return decided
        }
        guard let decided else { return nil }
        letGo(followed)
        // Outside of the lock, since the type of the values may be anybody's.
        if case .all(let makeValue) = rule, case .succeeded = decided {
            return output.settle(as: .succeeded(makeValue(values.compactMap { $0 })))
        }
        return output.settle(as: decided)
    }

    /// Notes, under the lock, the end of the promise with this index; returns the end of all where it decides.
    private func note(_ index: Int, _ end: Completion.Phase, in state: inout State) -> Completion.Phase? {
        state.missing -= 1
        let isLast = state.missing == 0
        switch (rule, end) {
        case (.all, .succeeded(let value)):
            state.values[index] = value
            return isLast ? end : nil
        case (.first, .failed):
            if index == 0 { state.firstFailure = end }
            return isLast ? state.firstFailure : nil
        case (.all, _), (.first, _), (.race, _):
            return end
        case (.condition(.firstCompleted), _), (.condition(.firstError), .failed):
            return .succeeded(keptVoid)
        case (.condition, _):
            return isLast ? .succeeded(keptVoid) : nil
        }
    }

    private func letGo(_ followed: [Followed]) {
        for followed in followed {
            followed.promise.forget(followed.number)
            if cancelsOthers { followed.promise.cancel() }
        }
    }

    /// The request of the line that has gathered them was cancelled, or its time is up.
    private func stop(_ error: ContextPoolError) {
        output.finishUnstarted(with: error, isCancelled: true, leavingQueue: leaveQueue)
    }

    /// The one future was cancelled.
    func leaveQueue() {
        var followed: [Followed] = []
        state.withLock { state in
            state.isDecided = true
            swap(&state.followed, &followed)
        }
        letGo(followed)
    }

    func ended() {}

    func flag() {}

    var sources: Sources {
        Sources(futures: state.withLock { $0.followed.map(\.promise) }, isOneEnough: rule.isOneEnough)
    }
}
