/// What a job wrote to its copy of the values, for a submitter who asked to have it back.
///
/// A value is changed when it was written, whatever was written; values that are ``ContextTravel/cleared`` in travel belong
/// to the job alone, and ``ContextTravel/shared`` ones need not be handed back. Merge it with
/// ``RequestContext/merge(_:onConflict:)``.
public struct ContextChanges: Sendable, CustomStringConvertible {
    struct Change: Sendable {
        let id: SlotID
        /// What stood there at the capture; `nil` for nothing.
        let before: (any AnySlot)?
        /// What stood there at the end; `nil` where it was taken away.
        let after: (any AnySlot)?
    }

    /// In the order of the job's values, those that were taken away last.
    let changes: [Change]

    /// No changes: what a job without a request hands back.
    static let none = ContextChanges(from: [], to: [])

    init(from before: [any AnySlot], to after: [any AnySlot]) {
        // A write puts a new slot in the place of the old one, and a new key comes last: as a rule all are where they were.
        let isInPlace = before.count <= after.count && zip(before, after).allSatisfy { $0.id == $1.id }
        if isInPlace {
            changes = after.indices.compactMap { index in
                let old = index < before.count ? before[index] : nil
                return old === after[index] ? nil : Change(id: after[index].id, before: old, after: after[index])
            }
            return
        }
        let old = Dictionary(before.map { ($0.id, $0) }) { first, _ in first }
        let kept = Set(after.map(\.id))
        changes =
            after.compactMap { slot in
                old[slot.id] === slot ? nil : Change(id: slot.id, before: old[slot.id], after: slot)
            }
            + before.compactMap { kept.contains($0.id) ? nil : Change(id: $0.id, before: $0, after: nil) }
    }

    /// Whether the job wrote nothing.
    public var isEmpty: Bool { changes.isEmpty }

    /// The names of what the job changed.
    public var names: [String] { changes.map(\.id.name) }

    /// What the job wrote for a key; `nil` where it did not, or took the value away.
    public subscript<Key: ContextKey>(_ key: Key.Type) -> Key.Value? {
        let id = SlotID(key)
        return (changes.first { $0.id == id }?.after as? Slot<Key.Value>)?.value
    }

    /// Names and values, for a log; secrets are redacted.
    public var description: String {
        isEmpty
            ? "no changes"
            : changes.map { "\(LoggedText.line($0.id.name))=\($0.after?.loggedValue ?? "(taken away)")" }
                .joined(separator: ", ")
    }
}
