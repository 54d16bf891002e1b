import Synchronization

/// The connections of all loops, counted against what the server may have, and what each address may.
///
/// The rest of the descriptors is for everybody else in the process. Swift's own threads need it most: they are run by
/// Dispatch, which opens files to watch over them, and ends the process where it cannot.
final class ConnectionCount: Sendable {
    let limit: Int
    let addresses: AddressCount
    private let open = Atomic(0)

    /// - Parameters:
    ///   - wish: How many connections the configuration allows; 0 stands for as many as there are descriptors for.
    ///   - descriptors: How many descriptors the process may have open.
    ///   - perAddress: How many connections an address may have; 0 stands for no limit.
    init(wish: Int, descriptors: Int, perAddress: Int = 0) {
        let room = max(1, descriptors - min(descriptors / 2, 256))
        limit = wish > 0 ? min(wish, room) : room
        addresses = AddressCount(limit: perAddress)
    }

    var current: Int { open.load(ordering: .relaxed) }

    /// Whether there is room for one more; `leave` follows when it has been there.
    func enter() -> Bool {
        guard open.wrappingAdd(1, ordering: .relaxed).newValue > limit else { return true }
        leave()
        return false
    }

    func leave() { open.wrappingSubtract(1, ordering: .relaxed) }
}
