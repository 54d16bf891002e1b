/// The values that middleware and handlers attach to a request: Flask's `g`, with types.
///
/// It is a value. A copy is independent of its original, and copying costs one retain however many values there are;
/// the storage is duplicated when one of the two is written to. Look-up is linear, which for the handful of values a
/// request carries is faster than hashing.
///
/// Reading and writing are inlinable, since every step of a chain does them: compiled for the key at hand they cost a
/// fifth of what they cost compiled for any key.
public struct ContextValues: Sendable {
    /// Values whose keys are ``ContextTravel/copied``; apart from the others so that a capture need not filter.
    @usableFromInline var copied: [any AnySlot] = []
    /// Values whose keys are ``ContextTravel/cleared``.
    @usableFromInline var cleared: [any AnySlot] = []

    /// Creates an empty set of values, in which every key reads as its default.
    @inlinable
    public init() {}

    /// The value of a key, or its default where nothing was written.
    @inlinable
    public subscript<Key: ContextKey>(_: Key.Type) -> Key.Value {
        get {
            let slots = Key.travel == .copied ? copied : cleared
            return Self.read(Key.Value.self, named: Key.name, from: slots) ?? Key.defaultValue
        }
        set {
            switch Key.travel {
            case .copied: Self.write(newValue, named: Key.name, into: &copied)
            case .cleared: Self.write(newValue, named: Key.name, into: &cleared)
            }
        }
    }

    /// A text value by its name alone, as the `g` middleware fills it from `config.yml`; `nil` where there is none.
    ///
    /// It is the same slot as that of a ``ContextKey`` with this name and the value type `String?`.
    public subscript(named name: String) -> String? {
        get { Self.read(String?.self, named: name, from: copied) ?? nil }
        set { Self.write(newValue, named: name, into: &copied) }
    }

    /// The names of everything written, in the order of the first write; values that do not travel are included.
    public var names: [String] { (copied + cleared).map(\.name) }

    /// What a job gets, for the cost of one retain: the values whose keys are copied.
    var travelling: ContextValues {
        var values = ContextValues()
        values.copied = copied
        return values
    }

    @inlinable
    static func read<Value: Sendable>(_: Value.Type, named name: String, from slots: [any AnySlot]) -> Value? {
        for slot in slots {
            if let slot = slot as? Slot<Value>, slot.name == name { return slot.value }
        }
        return nil
    }

    @inlinable
    static func write<Value: Sendable>(_ value: Value, named name: String, into slots: inout [any AnySlot]) {
        let new = Slot(name: name, value: value)
        for index in slots.indices {
            if let old = slots[index] as? Slot<Value>, old.name == name {
                slots[index] = new
                return
            }
        }
        slots.append(new)
    }
}

/// A value with its name, whatever its type.
@usableFromInline protocol AnySlot: AnyObject, Sendable {
    var name: String { get }
}

/// A value with its name.
///
/// An object, because asking for its class is the cheapest way to ask for the type of a value: a cast of an
/// `any Sendable` to the value's type took twenty times as long.
@usableFromInline final class Slot<Value: Sendable>: AnySlot {
    @usableFromInline let name: String
    @usableFromInline let value: Value

    @inlinable
    init(name: String, value: Value) {
        self.name = name
        self.value = value
    }
}
