public import Synchronization

/// A value that many contexts are given, such as a default: what holds it is made once, and not for each of them.
@usableFromInline package struct PreparedValue<Value: Sendable>: Sendable {
    @usableFromInline let slot: Slot<Value>
    /// The same for a place that a secret has had once.
    @usableFromInline let secret: Slot<Value>

    private init(_ name: String, _ value: Value, isSecret: Bool) {
        slot = Slot(name: name, value: value, isSecret: isSecret)
        secret = Slot(name: name, value: value, isSecret: true)
    }

    /// Prepares a value whose key is ``ContextTravel/copied``.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value.
    package init<Key: ContextKey>(_ key: Key.Type, _ value: Value) where Key.Value == Value {
        self.init(Key.name, value, isSecret: Key.isSecret)
    }
}

extension PreparedValue<String?> {
    /// Prepares a text that is known by its name alone.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - text: The text.
    package init(named name: String, _ text: String) { self.init(name, text, isSecret: false) }
}

extension RequestContext {
    /// Writes a value that is prepared, in one step that no other task can come between.
    ///
    /// - Parameter value: The value.
    @inlinable
    package func set<Value>(_ value: PreparedValue<Value>) {
        // What is replaced dies outside of the lock, since it may read this context while it dies.
        _ = state.withLock { ContextValues.write(value, into: &$0.values.copied) }
    }
}

extension ContextValues {
    /// - Returns: What was there before.
    @inlinable
    static func write<Value>(_ value: PreparedValue<Value>, into slots: inout [any AnySlot]) -> (any AnySlot)? {
        for index in slots.indices where type(of: slots[index]) == Slot<Value>.self {
            if let old = slots[index] as? Slot<Value>, old.name == value.slot.name {
                slots[index] = old.isSecret ? value.secret : value.slot
                return old
            }
        }
        if slots.isEmpty { slots.reserveCapacity(6) }
        slots.append(value.slot)
        return nil
    }
}
