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
        var refused: [ClientNetwork: (count: Int, toldAt: Duration)] = [:]

        /// Whether it is the first refusal of this address for a while.
        mutating func noteRefusal(of key: ClientNetwork, at now: Duration) -> Bool {
            if let entry = refused[key] {
                refused[key] = (entry.count + 1, entry.toldAt)
                return false
            }
            guard refused.count < AddressCount.refusedLimit else { return false }
            refused[key] = (0, now)
            return true
        }
    }

    /// How often one address is told of, and how many of them are kept in mind meanwhile: a line for each connection would make
    /// a flood of connections a flood of lines.
    private static let period = Duration.seconds(60)
    private static let refusedLimit = 256

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
            return (false, state.noteRefusal(of: key, at: now()))
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
        return state.withLock { state in
            guard !state.refused.isEmpty else { return [] }
            var due: [Refusals] = []
            for (key, entry) in state.refused where now - entry.toldAt >= Self.period {
                if entry.count > 0 { due.append(Refusals(address: key, count: entry.count)) }
                state.refused[key] = entry.count > 0 ? (0, now) : nil
            }
            return due
        }
    }
}
