import Synchronization

/// The connections of each address, counted over all loops.
///
/// One lock for all: it is taken twice in the life of a connection, for the time of one look into a dictionary, and a
/// connection costs a hundred times as much. Memory goes with the connections that are open, not with the addresses seen.
final class AddressCount: Sendable {
    /// Connections of one address that were closed, and not told yet.
    struct Refusals: Sendable, Equatable {
        let address: ClientNetwork
        let count: Int
    }

    private struct State {
        var open: [ClientNetwork: Int] = [:]
        var refused = Repetitions<ClientNetwork>()
    }

    let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: How many connections an address may have open; 0 stands for no limit.
    init(limit: Int) { self.limit = limit }

    /// How many addresses have connections open.
    var count: Int { state.withLock { $0.open.count } }

    /// Whether there is room for one more of an address; `leave` follows when it has been there.
    ///
    /// - Parameters:
    ///   - key: The address.
    ///   - now: The time.
    ///   - onFirstRefusal: Called where the address was not told of for a while.
    /// - Returns: Whether there is room.
    func enter(_ key: ClientNetwork, now: @autoclosure () -> Duration, onFirstRefusal: (Refusals) -> Void) -> Bool {
        guard limit > 0 else { return true }
        let (isIn, isFirst) = state.withLock { state in
            let count = state.open[key, default: 0]
            guard count >= limit else {
                state.open[key] = count + 1
                return (true, false)
            }
            return (false, state.refused.note(key, at: now()))
        }
        if isFirst { onFirstRefusal(Refusals(address: key, count: 1)) }
        return isIn
    }

    func leave(_ key: ClientNetwork) {
        guard limit > 0 else { return }
        state.withLock { state in
            guard let count = state.open[key] else { return }
            state.open[key] = count > 1 ? count - 1 : nil
        }
    }

    /// What has to be told now: refusals that went on after the first one.
    func dueRefusals(now: Duration) -> [Refusals] {
        guard limit > 0 else { return [] }
        return state.withLock { $0.refused.due(at: now) }.map { Refusals(address: $0.key, count: $0.count) }
    }
}
