/// A complete future whose followers are to be told.
///
/// A follower that completes another future hands that back instead of telling its followers itself: chains of any
/// length are told in one loop, and the stack stays flat.
protocol Telling: AnyObject, Sendable {
    /// Tells one follower.
    func tellNext() -> Told
}

/// What became of telling one follower.
enum Told {
    /// It was told.
    case told
    /// It was told, and completed a future, to be told before the next follower.
    case next(any Telling)
    /// There was none.
    case nobodyLeft
}

extension Telling {
    /// Tells every follower, and the followers of what they complete.
    func tellAll() {
        // The path back, empty unless futures follow futures.
        var path: [any Telling] = []
        var current: any Telling = self
        while true {
            switch current.tellNext() {
            case .told: continue
            case .next(let next):
                path.append(current)
                current = next
            case .nobodyLeft:
                guard let previous = path.popLast() else { return }
                current = previous
            }
        }
    }
}

extension Future {
    /// How the future ended, and whether that was before the body began.
    typealias Outcome = (result: Result<Value, any Error>, isCancelled: Bool)

    /// What hears of the outcome, once, and returns the future that it completed, if any.
    typealias Follower = @Sendable (Outcome) -> (any Telling)?

    /// Calls `callback` with the outcome as it is: no context, on the completing thread or here and now.
    func observe(_ callback: @escaping @Sendable (Result<Value, any Error>) -> Void) {
        follow { outcome in
            callback(outcome.result)
            return nil
        }
    }
}
