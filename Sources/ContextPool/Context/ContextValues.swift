/// The values that middleware and handlers attach to a request: Flask's `g`, with types.
///
/// It is a value. A copy is independent of its original, and copying costs one retain however many values there are;
/// the storage is duplicated when one of the two is written to. Look-up is linear, which for the handful of values a
/// request carries is faster than hashing.
public struct ContextValues: Sendable {
    private struct Entry: Sendable {
        let type: ObjectIdentifier
        let name: String
        var value: any Sendable
    }

    /// Values whose keys are ``ContextTravel/copied``; apart from the others so that a capture need not filter.
    private var copied: [Entry] = []
    /// Values whose keys are ``ContextTravel/cleared``.
    private var cleared: [Entry] = []

    /// Creates an empty set of values, in which every key reads as its default.
    public init() {}

    /// The value of a key, or its default where nothing was written.
    public subscript<Key: ContextKey>(_: Key.Type) -> Key.Value {
        get {
            let entries = Key.travel == .copied ? copied : cleared
            let type = ObjectIdentifier(Key.Value.self)
            for entry in entries where entry.type == type && entry.name == Key.name {
                if let value = entry.value as? Key.Value { return value }
            }
            return Key.defaultValue
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
        get {
            let type = ObjectIdentifier(String?.self)
            for entry in copied where entry.type == type && entry.name == name {
                if let value = entry.value as? String? { return value }
            }
            return nil
        }
        set { Self.write(newValue, named: name, into: &copied) }
    }

    /// The names of everything written, in the order of the first write; values that do not travel are included.
    public var names: [String] { copied.map(\.name) + cleared.map(\.name) }

    /// What a job gets, for the cost of one retain: the values whose keys are copied.
    var travelling: ContextValues {
        var values = ContextValues()
        values.copied = copied
        return values
    }

    private static func write<Value: Sendable>(_ value: Value, named name: String, into entries: inout [Entry]) {
        let type = ObjectIdentifier(Value.self)
        if let index = entries.firstIndex(where: { $0.type == type && $0.name == name }) {
            entries[index].value = value
        } else {
            entries.append(Entry(type: type, name: name, value: value))
        }
    }
}
