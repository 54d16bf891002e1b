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
        let index: Int
        let number: Int
    }

    private struct State {
        /// By index; none where no value is wanted.
        var values: [Completion.Value?]
        /// By index, who has been noted; only where any one is enough.
        var isNoted: [Bool]
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
        state = BargingMutex(
            State(
                values: Array(repeating: nil, count: places),
                isNoted: Array(repeating: false, count: rule.isOneEnough ? count : 0),
                missing: count
            )
        )
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
                if !state.isDecided, let number {
                    state.followed.append(Followed(promise: promise, index: index, number: number))
                }
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
        var missing = 0
        let decided = state.withLock { state -> Completion.Phase? in
            guard !state.isDecided else { return nil }
            guard let decided = note(index, end, in: &state) else {
                missing = state.missing
                return nil
            }
            state.isDecided = true
            swap(&state.followed, &followed)
            swap(&state.values, &values)
            return decided
        }
        guard let decided else { return lookForCircle(missing) }
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
        if !state.isNoted.isEmpty { state.isNoted[index] = true }
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

    /// Where any one was enough, those that are left may now be those that wait for this.
    ///
    /// Only for the last few: of a long list each end would look at all others.
    private func lookForCircle(_ missing: Int) -> (any Telling)? {
        guard rule.isOneEnough, 1...Self.mostLeft ~= missing else { return nil }
        let left = sources.futures
        guard !left.isEmpty else { return nil }
        // Workers look for themselves.
        WaitGraph.change(self, toOneOf: left)
        guard left.allSatisfy({ WaitGraph.closesCircle(self, to: $0) }) else { return nil }
        letGo(decide())
        return output.settle(as: .failed(ContextPoolError.circularChoice, isCancelled: false))
    }

    private static let mostLeft = 8

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
    func leaveQueue() { letGo(decide()) }

    /// Has nothing noted any more; returns what is to be let go of.
    private func decide() -> [Followed] {
        var followed: [Followed] = []
        state.withLock { state in
            state.isDecided = true
            swap(&state.followed, &followed)
        }
        return followed
    }

    func ended() {}

    func flag() {}

    var sources: Sources {
        // Not those that are enough no more; one that is complete and has not been noted may still be.
        let futures = state.withLock { state in
            state.followed.compactMap { state.isNoted.isEmpty || !state.isNoted[$0.index] ? $0.promise : nil }
        }
        return Sources(futures: futures, isOneEnough: rule.isOneEnough)
    }
}
