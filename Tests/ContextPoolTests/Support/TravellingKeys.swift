@testable import ContextPool

/// What a job reports while it runs.
enum ProgressKey: ContextKey {
    static let name = "progress"
    static let defaultValue = 0
    static let travel = ContextTravel.shared
}

/// A list that request and jobs append to.
enum JournalKey: ContextKey {
    static let name = "journal"
    static let defaultValue: [String] = []
    static let travel = ContextTravel.shared
}

enum TenantKey: ContextKey {
    static let name = "tenant"
    static let defaultValue: String? = nil
}

/// A value that travels, but must not be seen in a log.
enum TokenKey: ContextKey {
    static let name = "token"
    static let defaultValue: String? = nil
    static let isSecret = true
}

/// A value that never travels.
enum SessionKey: ContextKey {
    static let name = "session"
    static let defaultValue: String? = nil
    static let travel = ContextTravel.cleared
}

extension ContextSnapshot {
    /// What `body` sees inside.
    func read<Value>(_ body: (RequestContext) throws -> Value) throws -> Value {
        try run { try body(RequestContext.require()) }
    }
}
