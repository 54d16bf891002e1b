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
