/// The values and the propagators that a ``ContextSelection`` names.
final class ContextFilter: Sendable {
    /// One key, without its type.
    struct Key: Sendable {
        fileprivate let id: SlotID
        /// Finds or makes the box of a shared key, so that a value that nobody has written yet is shared, too.
        fileprivate let box: (@Sendable (SharedValues) -> any AnySharedBox)?

        init<Named: ContextKey>(_ key: Named.Type) {
            id = SlotID(key)
            guard Named.travel == .shared else {
                box = nil
                return
            }
            box = { $0.box(for: key) }
        }
    }

    /// The names of propagators.
    let propagators: [String]
    /// The names of propagators whose values stay as they are where the job runs.
    let unchanged: [String]
    private let names: [String]
    private let keys: [Key]
    private let copiedIDs: Set<SlotID>
    private let sharedIDs: Set<SlotID>

    /// - Throws: `invalidConfiguration` where `unchanged` names what `propagators` does.
    init(
        keys: [Key],
        names: [String],
        propagators: [String],
        unchanged: [String]
    ) throws(ContextPoolError) {
        self.keys = keys
        self.names = names
        self.propagators = propagators
        self.unchanged = unchanged
        copiedIDs = Set(keys.filter { $0.box == nil }.map(\.id))
        sharedIDs = Set(keys.filter { $0.box != nil }.map(\.id))
        if let name = unchanged.first(where: propagators.contains) {
            throw .invalidConfiguration(
                "The context selection names the propagator \"\(name)\" twice, among the propagators and as unchanged. Name it once."
            )
        }
    }

    var isEmpty: Bool { keys.isEmpty && names.isEmpty && propagators.isEmpty && unchanged.isEmpty }

    /// What of `values` is named here and travels.
    func matching(_ values: ContextValues) -> ContextValues {
        var selected = ContextValues()
        selected.copied = values.copied.filter { copiedIDs.contains($0.id) || names.contains($0.name) }
        guard let shared = values.shared else { return selected }
        let named = shared.all.filter { names.contains($0.name) && !sharedIDs.contains($0.id) }
        selected.shared = SharedValues(keys.compactMap { $0.box?(shared) } + named)
        return selected
    }

    /// What of `values` is not named here and travels.
    func rest(of values: ContextValues) -> ContextValues {
        var selected = ContextValues()
        selected.subject = values.subject
        selected.copied = values.copied.filter { !copiedIDs.contains($0.id) && !names.contains($0.name) }
        // Otherwise the job shares what has been written, or asked for, by now.
        let isAllShared = sharedIDs.isEmpty && names.isEmpty
        selected.shared =
            isAllShared
            ? values.shared
            : values.shared.map { shared in
                SharedValues(shared.all.filter { !sharedIDs.contains($0.id) && !names.contains($0.name) })
            }
        return selected
    }
}
