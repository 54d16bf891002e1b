import Baton
import Foundation
import Synchronization

/// Who did what: a service of the application, which every request and every job finds in the ambient context.
final class OperationLog: Sendable {
    struct Entry: Encodable, Sendable, Equatable {
        var user: String?
        var operation: String
    }

    /// The newest entries are kept: a demo that runs for weeks must not fill the memory.
    private static let capacity = 200

    private let entries = Mutex<[Entry]>([])

    func append(_ entry: Entry) {
        entries.withLock { entries in
            entries.append(entry)
            if entries.count > Self.capacity { entries.removeFirst() }
        }
    }

    /// All entries that are kept, oldest first.
    var all: [Entry] { entries.withLock { $0 } }
}

private enum OperationLogKey: ContextKey {
    static let name = "demo.operationLog"
    static let defaultValue = OperationLog()
}

extension ContextValues {
    var operationLog: OperationLog {
        get { self[OperationLogKey.self] }
        set { self[OperationLogKey.self] = newValue }
    }
}

/// The three ways in which code far below a handler can learn whose work it does.
extension OperationLog {
    /// Method 1, pass the value in advance: every function in between has to have a parameter for it.
    static func save(_ operation: String, by userID: String, to log: OperationLog) {
        log.append(Entry(user: userID, operation: operation))
    }

    /// Method 2, tolerate the absence of a context: nothing fails, but who it was is lost.
    static func saveIfKnown(_ operation: String, to log: OperationLog) {
        log.append(Entry(user: RequestContext.current?.g.userID, operation: operation))
    }

    /// Method 3, carry the context: no parameter, and the right user.
    ///
    /// This is what `submit` is for.
    ///
    /// - Throws: `ContextError` outside of a request, with what to do about it.
    static func save(_ operation: String) throws(ContextError) {
        let user = try currentUserID()
        try AppContext.require().values.operationLog.append(Entry(user: user, operation: operation))
    }
}

/// Notes down an operation of the current user: what business code calls, deep inside.
func saveOperationLog(_ operation: String) throws(ContextError) { try OperationLog.save(operation) }
