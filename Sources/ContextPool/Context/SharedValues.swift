import Synchronization

/// The values that a request and its jobs have in common: those whose keys are ``ContextTravel/shared``.
///
/// It is made with the first job at the latest. Were it made by the first write, a value that a job writes first would be
/// seen by nobody else.
@usableFromInline final class SharedValues: Sendable {
    private let boxes: Mutex<[any AnySharedBox]>

    init(_ boxes: [any AnySharedBox] = []) { self.boxes = Mutex(boxes) }

    @usableFromInline convenience init() { self.init([]) }

    /// Everything that has been written, or asked for by a job that takes it along.
    var all: [any AnySharedBox] { boxes.withLock { $0 } }

    /// What somebody has written; a box that only waits for its first value is left out.
    var written: [any AnySharedBox] { all.filter(\.isWritten) }

    @usableFromInline func read<Key: ContextKey>(_ key: Key.Type) -> Key.Value? {
        boxes.withLock { Self.find(key, in: $0) }?.value
    }

    @usableFromInline func write<Key: ContextKey>(_ value: Key.Value, to key: Key.Type) { box(for: key).set(value) }

    @usableFromInline func update<Key: ContextKey, Result: Sendable>(
        _ key: Key.Type,
        _ body: @Sendable (inout Key.Value) -> Result
    ) -> Result {
        box(for: key).update(from: Key.defaultValue, body)
    }

    /// The one box of a key, made when it is first needed.
    func box<Key: ContextKey>(for key: Key.Type) -> SharedBox<Key.Value> {
        boxes.withLock { boxes in
            if let box = Self.find(key, in: boxes) { return box }
            let box = SharedBox<Key.Value>(name: Key.name, isSecret: Key.isSecret)
            boxes.append(box)
            return box
        }
    }

    private static func find<Key: ContextKey>(_: Key.Type, in boxes: [any AnySharedBox]) -> SharedBox<Key.Value>? {
        for box in boxes {
            if let box = box as? SharedBox<Key.Value>, box.name == Key.name { return box }
        }
        return nil
    }

    /// Writes the values of others here, in boxes of its own.
    func absorb(_ others: SharedValues?) {
        guard let others, others !== self else { return }
        for box in others.written { box.copy(into: self) }
    }

    fileprivate func put<Value: Sendable>(_ value: Value, as other: SharedBox<Value>) {
        let own = boxes.withLock { boxes in
            for box in boxes where box.id == other.id {
                if let box = box as? SharedBox<Value> { return box }
            }
            let box = SharedBox<Value>(name: other.name, isSecret: other.isSecret)
            boxes.append(box)
            return box
        }
        own.set(value)
    }
}

/// One shared value, whatever its type.
protocol AnySharedBox: AnySlot {
    var isWritten: Bool { get }
    func copy(into others: SharedValues)
}

/// One shared value, with its lock.
final class SharedBox<Value: Sendable>: AnySharedBox {
    let name: String
    let isSecret: Bool
    private let storage = Mutex<Value?>(nil)

    init(name: String, isSecret: Bool) {
        self.name = name
        self.isSecret = isSecret
    }

    var value: Value? { storage.withLock { $0 } }

    var isWritten: Bool { storage.withLock { $0 != nil } }

    func set(_ value: Value) {
        // What is replaced dies outside of the lock, since it may read this box while it dies.
        var value: Value? = value
        storage.withLock { swap(&$0, &value) }
    }

    func update<Result: Sendable>(
        from defaultValue: Value,
        _ body: @Sendable (inout Value) -> Result
    ) -> Result {
        let (result, _) = storage.withLock { storage in
            let old = storage
            var value = old ?? defaultValue
            let result = body(&value)
            storage = value
            return (result, old)
        }
        return result
    }

    var id: SlotID { SlotID(name: name, type: Value.self) }

    var loggedValue: String { value.map { LoggedText.value($0, isSecret: isSecret) } ?? "nil" }

    func copy(into others: SharedValues) {
        if let value { others.put(value, as: self) }
    }
}
