/// Which side wins where a job and its submitter have both changed a value since the job was submitted.
public enum ContextMergePolicy: Sendable {
    /// The value of whoever merges stays.
    case keepOurs

    /// The value of the job takes its place.
    case takeTheirs
}

/// A value that both sides have changed since the capture, as a merge has met it.
public struct ContextConflict: Sendable, CustomStringConvertible {
    /// The name of the value.
    public let name: String

    /// Which side's value is there now.
    public let resolution: ContextMergePolicy

    let id: SlotID
    let oursBefore: (any AnySlot)?
    let theirsBefore: (any AnySlot)?

    init(_ change: ContextChanges.Change, ours: (any AnySlot)?, resolution: ContextMergePolicy) {
        name = change.id.name
        id = change.id
        oursBefore = ours
        theirsBefore = change.after
        self.resolution = resolution
    }

    /// The value of whoever merged, as it was before the merge; `nil` for another key, or where there was none.
    ///
    /// - Parameter key: The key of the value.
    /// - Returns: The value.
    public func ours<Key: ContextKey>(_ key: Key.Type) -> Key.Value? { Self.value(of: key, in: oursBefore) }

    /// The value of the job; `nil` for another key, or where the job took it away.
    ///
    /// - Parameter key: The key of the value.
    /// - Returns: The value.
    public func theirs<Key: ContextKey>(_ key: Key.Type) -> Key.Value? { Self.value(of: key, in: theirsBefore) }

    private static func value<Key: ContextKey>(of _: Key.Type, in slot: (any AnySlot)?) -> Key.Value? {
        guard let slot = slot as? Slot<Key.Value>, slot.name == Key.name else { return nil }
        return slot.value
    }

    /// What happened, for a log; secrets are redacted.
    public var description: String {
        let (ours, theirs) = (oursBefore?.loggedValue ?? "nothing", theirsBefore?.loggedValue ?? "nothing")
        let outcome = resolution == .keepOurs ? "ours was kept" : "theirs was taken"
        return "\(LoggedText.line(name)) was changed on both sides: ours is \(ours), theirs is \(theirs); \(outcome)"
    }
}
