import ContextPool
import Synchronization

/// Sessions in cookies that were ended before their time: whoever still has such a cookie has nothing.
///
/// Each process knows of those that it has ended itself, 100,000 at most. Who needs more keeps sessions in a store.
final class EndedSessions: Sendable {
    private let limit: Int
    /// When the cookie would end by itself, in seconds since 1970.
    private let ends = Mutex<[String: Int]>([:])

    init(limit: Int = 100_000) { self.limit = limit }

    func insert(_ id: String, until end: Int, now: Int) {
        ends.withLock { ends in
            if ends.count >= limit { ends = ends.filter { $0.value > now } }
            // Still full: the half that ends first goes, since it is worth least.
            if ends.count >= limit {
                ends = Dictionary(
                    uniqueKeysWithValues: ends.sorted { $0.value > $1.value }.prefix(limit / 2)
                        .map { ($0.key, $0.value) }
                )
            }
            ends[id] = end
        }
    }

    func contains(_ id: String) -> Bool { ends.withLock { $0[id] != nil } }
}

private enum EndedSessionsKey: ContextKey {
    static let name = "baton.endedSessions"
    /// One for the process, so that a reload of the configuration brings nothing back.
    static let defaultValue = EndedSessions()
}

extension ContextValues {
    var endedSessions: EndedSessions { self[EndedSessionsKey.self] }
}
