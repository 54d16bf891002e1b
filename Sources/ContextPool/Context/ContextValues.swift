/// The values that middleware and handlers attach to a request: Flask's `g`, with types.
///
/// It is a value. A copy is independent of its original, but for keys that are ``ContextTravel/shared``, and copying costs
/// a few retains however many values there are; the storage is duplicated when one of the two is written to. Look-up is linear, which for the handful of values a
/// request carries is faster than hashing.
///
/// Reading and writing are inlinable, since every step of a chain does them: compiled for the key at hand they cost a
/// fifth of what they cost compiled for any key.
public struct ContextValues: Sendable {
    /// Values whose keys are ``ContextTravel/copied``; apart from the others so that a capture need not filter.
    @usableFromInline var copied: [any AnySlot] = []
    /// Values whose keys are ``ContextTravel/cleared``.
    @usableFromInline var cleared: [any AnySlot] = []
    /// Values whose keys are ``ContextTravel/shared``, the one thing here that copies have in common.
    @usableFromInline var shared: SharedValues?
    /// What the values belong to, for whoever has made them: a request, say, of which this module knows nothing.
    ///
    /// It travels as they do; among them it would be two allocations for each request.
    package var subject: (any AnyObject & Sendable)?

    /// Creates an empty set of values, in which every key reads as its default.
    @inlinable
    public init() {}

    /// The value of a key, or its default where nothing was written.
    @inlinable
    public subscript<Key: ContextKey>(_: Key.Type) -> Key.Value {
        get {
            switch Key.travel {
            case .copied: Self.read(Key.Value.self, named: Key.name, from: copied) ?? Key.defaultValue
            case .cleared: Self.read(Key.Value.self, named: Key.name, from: cleared) ?? Key.defaultValue
            case .shared: shared?.read(Key.self) ?? Key.defaultValue
            }
        }
        set {
            switch Key.travel {
            case .copied: Self.write(newValue, named: Key.name, isSecret: Key.isSecret, into: &copied)
            case .cleared: Self.write(newValue, named: Key.name, isSecret: Key.isSecret, into: &cleared)
            case .shared:
                if shared == nil { shared = SharedValues() }
                shared?.write(newValue, to: Key.self)
            }
        }
    }

    /// A text value by its name alone, as the `g` middleware fills it from `config.yml`; `nil` where there is none.
    ///
    /// It is the same slot as that of a ``ContextKey`` with this name and the value type `String?`.
    public subscript(named name: String) -> String? {
        get { Self.read(String?.self, named: name, from: copied) ?? nil }
        set { Self.write(newValue, named: name, isSecret: false, into: &copied) }
    }

    /// The names of everything written, in the order of the first write; values that do not travel are included.
    public var names: [String] { (copied + cleared).map(\.name) + (shared?.written.map(\.name) ?? []) }

    /// What a job gets, for the cost of a retain each: the values whose keys are copied, and those that are shared.
    var travelling: ContextValues {
        var values = ContextValues()
        values.copied = copied
        values.shared = shared
        values.subject = subject
        return values
    }

    /// Has the shared values of a request stay the ones that its jobs have, whatever values take the place of `old`.
    ///
    /// What comes from elsewhere is copied: two requests may be given the same values, and must not share them.
    @usableFromInline
    mutating func keepShared(of old: ContextValues) {
        guard shared !== old.shared else { return }
        let own = old.shared ?? SharedValues()
        own.absorb(shared)
        shared = own
    }

    /// The same values, with boxes of their own.
    var withOwnShared: ContextValues {
        var values = self
        values.keepShared(of: ContextValues())
        return values
    }

    /// What a job is to have in common with this context, made when the first job is.
    mutating func makeShared() { if shared == nil { shared = SharedValues() } }

    @inlinable
    static func read<Value: Sendable>(_: Value.Type, named name: String, from slots: [any AnySlot]) -> Value? {
        // The class of an object is compared for less than the call of a cast, which most slots would fail.
        for index in slots.indices where type(of: slots[index]) == Slot<Value>.self {
            if let slot = slots[index] as? Slot<Value>, slot.name == name { return slot.value }
        }
        return nil
    }

    /// - Returns: What was there before, for whom it matters where that dies.
    @inlinable @discardableResult
    static func write<Value: Sendable>(
        _ value: Value,
        named name: String,
        isSecret: Bool,
        into slots: inout [any AnySlot]
    ) -> (any AnySlot)? {
        for index in slots.indices where type(of: slots[index]) == Slot<Value>.self {
            if let old = slots[index] as? Slot<Value>, old.name == name {
                // What was a secret once stays one, also where it is written by its name alone.
                slots[index] = Slot(name: name, value: value, isSecret: isSecret || old.isSecret)
                return old
            }
        }
        // Room for the values that a request commonly has: an array that grows by doubling would be made anew three times.
        if slots.isEmpty { slots.reserveCapacity(6) }
        slots.append(Slot(name: name, value: value, isSecret: isSecret))
        return nil
    }
}
