import Synchronization

extension Future {
    /// The futures as a sequence, in the order in which they complete.
    ///
    /// ```swift
    /// for try await future in Future.asCompleted(searches) { show(try await future.value) }
    /// ```
    ///
    /// The errors stay in the futures; only the timeout is thrown. Nothing is cancelled.
    ///
    /// - Parameters:
    ///   - futures: The futures; duplicates come once. Those that are complete already come first, in their order here.
    ///   - timeout: How long the sequence may take, from this call on; without limit where it is `nil`. Zero yields what
    ///     is complete already.
    /// - Returns: The sequence, which is to be iterated once.
    public static func asCompleted(
        _ futures: some Sequence<Future>,
        timeout: Duration? = nil
    ) -> FuturesAsCompleted<Value> {
        FuturesAsCompleted(unique(futures), timeout: timeout)
    }
}

/// Futures in the order in which they complete; see ``Future/asCompleted(_:timeout:)``.
///
/// It goes by once: iterators of one sequence share what is left. It keeps no future that it has yielded, and when it is
/// dropped in the middle, none at all.
public struct FuturesAsCompleted<Value: Sendable>: AsyncSequence, Sendable {
    private let session: CompletionSession<Value>

    init(_ futures: [Future<Value>], timeout: Duration?) {
        session = CompletionSession(futures, timeout: timeout)
    }

    /// Begins, or goes on, with what is left.
    ///
    /// - Returns: The iterator.
    public func makeAsyncIterator() -> Iterator { Iterator(session: session) }

    /// Yields the futures.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let session: CompletionSession<Value>

        /// Suspends until the next future is complete.
        ///
        /// - Returns: The future; `nil` after the last one, or where the task was cancelled.
        /// - Throws: ``ContextPoolError`` with the code `timedOut`, which says how many of how many are unfinished; `wouldDeadlock`
        ///   in a job that all which are left wait for.
        public mutating func next() async throws(ContextPoolError) -> Future<Value>? { try await session.next() }
    }
}

/// What the iterators of one sequence share; it ends with them.
private final class CompletionSession<Value: Sendable>: Sendable {
    private let board: CompletionBoard<Value>
    private let alarm: PoolClock.Alarm?

    init(_ futures: [Future<Value>], timeout: Duration?) {
        let board = CompletionBoard<Value>(total: futures.count, timeout: timeout)
        self.board = board
        board.follow(futures)
        if let timeout, timeout <= .zero { board.timeIsUp() }
        alarm = timeout.map { Future.clock(of: futures).alarm($0) { board.timeIsUp() } }
    }

    deinit {
        alarm?.stop()
        board.letGo()
    }

    func next() async throws(ContextPoolError) -> Future<Value>? {
        while !Task.isCancelled {
            switch try board.look() {
            case .future(let future): return future
            case .end: return nil
            case .wait(let change):
                let result = await withTaskCancellationHandler {
                    await change.result
                } onCancel: {
                    change.cancel()
                }
                // A job that waits for itself, or for one that waits for it, and for nobody else.
                if case .failure(let error as ContextPoolError) = result, error.code == .wouldDeadlock { throw error }
            }
        }
        return nil
    }
}

/// Which futures are complete and not yet yielded, and which are not complete.
private final class CompletionBoard<Value: Sendable>: Cancellable {
    enum Look {
        case future(Future<Value>)
        case end
        /// Nothing yet: look again when this has completed.
        case wait(Future<Void>)
    }

    private struct State {
        var ready = FIFO<Future<Value>>()
        /// By index; each with the number of its follower, once that is known.
        var pending: [Int: (future: Future<Value>, number: Int?)]
        var isTimeUp = false
        var change: Future<Void>?
    }

    private let total: Int
    private let timeout: Duration?
    private let state = Mutex(State(pending: [:]))

    init(total: Int, timeout: Duration?) {
        self.total = total
        self.timeout = timeout
    }

    func follow(_ futures: [Future<Value>]) {
        // All at first, so that it is not taken for the end when the first one is complete already.
        state.withLock { state in
            for (index, future) in futures.enumerated() { state.pending[index] = (future, nil) }
        }
        for (index, future) in futures.enumerated() {
            let number = future.follow { _ in self.completed(index) }
            state.withLock { $0.pending[index]?.number = number }
        }
    }

    private func completed(_ index: Int) -> (any Telling)? {
        let change = state.withLock { state -> Future<Void>? in
            guard let future = state.pending.removeValue(forKey: index)?.future else { return nil }
            state.ready.append(future)
            return state.change.take()
        }
        return change?.settle(.success(()))
    }

    func timeIsUp() {
        let change = state.withLock { state in
            state.isTimeUp = true
            return state.change.take()
        }
        change?.settle(.success(()))?.tellAll()
    }

    func look() throws(ContextPoolError) -> Look {
        let (look, unfinished) = state.withLock { state -> (Look?, Int) in
            if let future = state.ready.popFirst() { return (.future(future), 0) }
            if state.pending.isEmpty { return (.end, 0) }
            if state.isTimeUp { return (nil, state.pending.count) }
            if let change = state.change, !change.isFinished { return (.wait(change), 0) }
            let change = Future<Void>()
            // So that circles are seen that go through the sequence.
            change.attach(self, seat: nil)
            state.change = change
            return (.wait(change), 0)
        }
        guard let look else { throw .unfinished(unfinished, of: total, after: timeout ?? .zero) }
        return look
    }

    func leaveQueue() {}

    func ended() {}

    func flag() {}

    var sources: Sources {
        Sources(futures: state.withLock { $0.pending.values.map { $0.future } }, isOneEnough: true)
    }

    func letGo() {
        let pending = state.withLock { state in
            defer { state = State(pending: [:]) }
            return state.pending
        }
        for (future, number) in pending.values { if let number { future.forget(number) } }
    }
}
