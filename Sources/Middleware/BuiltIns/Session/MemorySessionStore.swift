import Synchronization

/// Keeps sessions in the memory of this process: 100,000 at most, and then those go that would end first.
public final class MemorySessionStore: SessionStore {
    private struct Entry {
        var content: [UInt8]
        var end: Duration
    }

    private let limit: Int
    private let now: @Sendable () -> Duration
    private let entries = Mutex<[String: Entry]>([:])

    /// An empty store.
    public convenience init() {
        let start = ContinuousClock.now
        self.init(limit: 100_000) { ContinuousClock.now - start }
    }

    init(limit: Int, now: @escaping @Sendable () -> Duration) {
        self.limit = limit
        self.now = now
    }

    /// How many sessions are kept, those included whose time is up and that nobody has come upon since.
    public var count: Int { entries.withLock { $0.count } }

    /// Finds a session.
    ///
    /// - Parameter id: Its id.
    /// - Returns: What was written last, or `nil`.
    public func load(_ id: String) async -> [UInt8]? {
        let now = now()
        return entries.withLock { entries in
            guard let entry = entries[id] else { return nil }
            if entry.end > now { return entry.content }
            entries[id] = nil
            return nil
        }
    }

    /// Keeps a new session.
    ///
    /// - Parameters:
    ///   - id: Its id.
    ///   - content: What to keep.
    ///   - time: For how long.
    public func create(_ id: String, _ content: [UInt8], for time: Duration) async {
        let now = now()
        entries.withLock { entries in
            if entries.count >= limit { makeRoom(in: &entries, now) }
            entries[id] = Entry(content: content, end: now + time)
        }
    }

    /// Changes a session, where it still is.
    ///
    /// - Parameters:
    ///   - id: Its id.
    ///   - content: What to keep.
    ///   - time: For how long from now on.
    /// - Returns: Whether it was still there.
    public func replace(_ id: String, _ content: [UInt8], for time: Duration) async -> Bool {
        let now = now()
        return entries.withLock { entries in
            guard let entry = entries[id], entry.end > now else { return false }
            entries[id] = Entry(content: content, end: now + time)
            return true
        }
    }

    /// Forgets a session.
    ///
    /// - Parameter id: Its id.
    public func remove(_ id: String) async { entries.withLock { $0[id] = nil } }

    /// Makes room for a tenth at once, so that it is not done for each that comes.
    private func makeRoom(in entries: inout [String: Entry], _ now: Duration) {
        entries = entries.filter { $0.value.end > now }
        guard entries.count >= limit else { return }
        let first = entries.sorted { $0.value.end < $1.value.end }.prefix(entries.count / 10 + 1)
        for (id, _) in first { entries[id] = nil }
    }
}
