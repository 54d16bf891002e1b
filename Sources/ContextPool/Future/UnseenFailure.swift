import Synchronization

/// Reports, when it dies with its future, that the future has failed and nobody ever asked for the outcome.
///
/// Made for failures alone, and only in a pool with an observer that wants to know: a future that succeeds pays nothing. The
/// future keeps what the observer made of the job, and not the job, whose context must not live as long as the future does.
final class UnseenFailure: Sendable {
    private let report: @Sendable () -> Void
    private let isSeen = Atomic<Bool>(false)

    init(_ report: @escaping @Sendable () -> Void) { self.report = report }

    deinit {
        // Whoever lets the future go may be in the middle of another request.
        if !isSeen.load(ordering: .relaxed) { ContextScope.none.bind(report) }
    }

    /// Somebody has asked.
    func dismiss() { isSeen.store(true, ordering: .relaxed) }
}
