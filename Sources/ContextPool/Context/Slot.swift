/// A value with its name, whatever its type.
@usableFromInline protocol AnySlot: AnyObject, Sendable {
    var name: String { get }
    var isSecret: Bool { get }
    /// Name and type: what makes two slots the same place.
    var id: SlotID { get }
    /// The value as a log may show it.
    var loggedValue: String { get }
}

/// Which place a slot is: two of one name are two places where their types differ.
@usableFromInline struct SlotID: Sendable, Hashable {
    let name: String
    let type: ObjectIdentifier

    init<Key: ContextKey>(_: Key.Type) { self.init(name: Key.name, type: Key.Value.self) }

    init<Value>(name: String, type: Value.Type) {
        self.name = name
        self.type = ObjectIdentifier(type)
    }
}

/// A value with its name.
///
/// An object, because asking for its class is the cheapest way to ask for the type of a value: a cast of an
/// `any Sendable` to the value's type took twenty times as long. It never changes: a write puts another one in its place,
/// so that its identity tells whether anybody wrote.
@usableFromInline final class Slot<Value: Sendable>: AnySlot {
    @usableFromInline let name: String
    @usableFromInline let value: Value
    @usableFromInline let isSecret: Bool

    @inlinable
    init(name: String, value: Value, isSecret: Bool) {
        self.name = name
        self.value = value
        self.isSecret = isSecret
    }

    @usableFromInline var id: SlotID { SlotID(name: name, type: Value.self) }

    @usableFromInline var loggedValue: String { LoggedText.value(value, isSecret: isSecret) }
}
