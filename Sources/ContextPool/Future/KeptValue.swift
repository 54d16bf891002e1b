/// The value of a future, whose type only the future knows.
@usableFromInline final class KeptValue<Value: Sendable>: Sendable {
    @usableFromInline let value: Value

    @inlinable
    init(_ value: Value) { self.value = value }
}

/// The value of every job that returns none, which is most of those for which nobody waits.
@usableFromInline let keptVoid = KeptValue<Void>(())

extension Future {
    /// Puts a value where the future finds it.
    @inlinable
    static func keep(_ value: Value) -> Completion.Value { Value.self == Void.self ? keptVoid : KeptValue(value) }
}
