import Foundation
import Synchronization

/// What is kept of a visitor from one request to the next: `try context.session`.
///
/// ```swift
/// let session = try context.session
/// try session.renew()                       // whenever somebody signs in or out of something
/// try session.set("cart", to: [7, 8])
/// let cart = try session.value("cart", as: [Int].self) ?? []
/// ```
///
/// It is written when the handler has returned, before the head of the response: what a streamed body would change later is
/// refused. It may be used from any thread until then. Of two requests at once the later one to end wins, as a whole.
public final class Session: Sendable {
    struct State {
        var content: SessionContent
        /// The id under which the client has it; `nil` where it is new.
        var storedID: String?
        var isChanged = false
        var isDestroyed = false
        var isClosed = false
    }

    private let state: Mutex<State>
    /// In bytes, as JSON.
    private let limit: Int

    init(_ content: SessionContent, isStored: Bool, limit: Int) {
        self.limit = limit
        state = Mutex(State(content: content, storedID: isStored ? content.id : nil))
    }

    /// Whether the client has none yet, or an old one that is no longer valid.
    public var isNew: Bool { state.withLock { $0.storedID == nil } }

    /// A value that is a text.
    ///
    /// - Parameter name: Its name.
    public subscript(name: String) -> String? { try? value(name, as: String.self) }

    /// A value.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - type: Its type.
    /// - Returns: The value, or `nil` where there is none.
    /// - Throws: `DecodingError` where it is of another type.
    public func value<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        guard let json = state.withLock({ $0.content.values[name] }) else { return nil }
        return try JSONDecoder().decode(type, from: Data(json.utf8))
    }

    /// Sets a value.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - value: Anything that can be JSON.
    /// - Throws: ``SessionError``: `tooLarge` where there is no room for it, `notEncodable`, or `tooLate` once the response has
    ///   begun. Then nothing is changed.
    public func set(_ name: String, to value: some Encodable) throws(SessionError) {
        guard let json = try? JSONEncoder().encode(value) else { throw .notEncodable(name) }
        try change { [limit] state throws(SessionError) in
            state.content.values[name] = String(decoding: json, as: UTF8.self)
            state.isDestroyed = false
            let size = state.content.json.count
            guard size <= limit else { throw .tooLarge(size, limit: limit) }
        }
    }

    /// Removes a value.
    ///
    /// - Parameter name: Its name.
    /// - Throws: ``SessionError`` with the code `tooLate` once the response has begun.
    public func remove(_ name: String) throws(SessionError) {
        try change { state throws(SessionError) in state.content.values[name] = nil }
    }

    /// Gives the session another id, and makes the one before worthless; the values stay.
    ///
    /// To be called whenever somebody signs in: who has planted or seen the old one does not come along. Its absolute lifetime
    /// begins anew.
    ///
    /// - Throws: ``SessionError`` with the code `tooLate` once the response has begun.
    public func renew() throws(SessionError) {
        try change { state throws(SessionError) in state.content.id = nil }
    }

    /// Ends the session, as when somebody signs out: its values are gone, and its cookie opens nothing any more.
    ///
    /// What is set afterwards begins a new one.
    ///
    /// - Throws: ``SessionError`` with the code `tooLate` once the response has begun.
    public func destroy() throws(SessionError) {
        try change { state throws(SessionError) in
            state.content.id = nil
            state.content.values = [:]
            state.isDestroyed = true
        }
    }

    /// What is to be written; nothing changes afterwards.
    func close() -> State {
        state.withLock { state in
            state.isClosed = true
            return state
        }
    }

    private func change(_ body: (inout State) throws(SessionError) -> Void) throws(SessionError) {
        try state.withLock { state throws(SessionError) in
            guard !state.isClosed else { throw .tooLate }
            var changed = state
            changed.isChanged = true
            try body(&changed)
            state = changed
        }
    }
}
