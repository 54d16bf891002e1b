public import ContextPool

/// Where sessions are kept that do not travel in their cookies; set one of your own for several servers to share:
/// `app.values.sessionStore = RedisSessions(...)`.
///
/// It is called within requests, on their event loops: it must await and not block. What it throws becomes a 500.
public protocol SessionStore: Sendable {
    /// Finds a session.
    ///
    /// - Parameter id: Its id; random, and of no use without the key of the cookies.
    /// - Returns: What was written last, or `nil` where there is none or its time is up.
    /// - Throws: Where it cannot tell.
    func load(_ id: String) async throws -> [UInt8]?

    /// Keeps a new session.
    ///
    /// - Parameters:
    ///   - id: Its id.
    ///   - content: What to keep.
    ///   - time: For how long.
    /// - Throws: Where it cannot be kept.
    func create(_ id: String, _ content: [UInt8], for time: Duration) async throws

    /// Changes a session, where it still is: one that somebody has ended meanwhile must not come back.
    ///
    /// - Parameters:
    ///   - id: Its id.
    ///   - content: What to keep.
    ///   - time: For how long from now on.
    /// - Returns: Whether it was still there.
    /// - Throws: Where it cannot be changed.
    func replace(_ id: String, _ content: [UInt8], for time: Duration) async throws -> Bool

    /// Forgets a session, where there is one.
    ///
    /// - Parameter id: Its id.
    /// - Throws: Where it may still be there.
    func remove(_ id: String) async throws
}

private enum SessionStoreKey: ContextKey {
    static let name = "baton.sessionStore"
    /// One for the process, so that sessions outlive a reload of the configuration.
    static let defaultValue: any SessionStore = MemorySessionStore()
}

extension ContextValues {
    /// Where `session` keeps sessions with `store: server`: the memory of this process, unless another one is set in
    /// ``AppContext/values``.
    public var sessionStore: any SessionStore {
        get { self[SessionStoreKey.self] }
        set { self[SessionStoreKey.self] = newValue }
    }
}
