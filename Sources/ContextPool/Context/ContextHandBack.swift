import Synchronization

/// Where the changes of a job wait for whoever has asked for them at `submit`; there is none for any other job.
@usableFromInline final class ContextHandBack: Sendable {
    private let handed = Mutex<ContextChanges?>(nil)

    @usableFromInline init() {}

    /// Takes the changes in when the body of the job has ended: the `atEnd` of ``ContextSnapshot/run(_:atEnd:)``.
    func put(_ changes: ContextChanges) { handed.withLock { $0 = changes } }

    /// The changes of a job that has ended, also of one that failed.
    ///
    /// - Parameters:
    ///   - handBack: What `submit` has made for the job; `nil` where nobody asked.
    ///   - outcome: How the job has ended.
    /// - Returns: What it changed.
    /// - Throws: What `outcome` has of errors where the body never ran; ``ContextError`` with the code `notHandedBack` where
    ///   nobody asked.
    static func changes<Value>(
        in handBack: ContextHandBack?,
        after outcome: Result<Value, any Error>
    ) throws -> ContextChanges {
        guard let handBack else { throw ContextError.notHandedBack }
        if let changes = handBack.handed.withLock({ $0 }) { return changes }
        _ = try outcome.get()
        return .none
    }
}
