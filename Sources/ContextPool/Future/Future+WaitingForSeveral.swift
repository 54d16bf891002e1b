// The overloads differ in whether they are async, by which the compiler tells them apart.

/// When a wait for several futures is over.
public enum FutureCondition: Sendable, Hashable {
    /// All are complete, in whichever way.
    case allCompleted
    /// At least one is complete.
    case firstCompleted
    /// At least one has failed or was cancelled; or all are complete.
    case firstError
}

extension Future {
    /// What a wait for several futures found, each once and in the order in which they were given.
    public typealias Waited = (done: [Future], notDone: [Future])

    /// Suspends until `condition` is met, and tells which of the futures are complete.
    ///
    /// It throws nothing and cancels nothing: the errors are in the futures. Cancelling the awaiting task ends the wait
    /// as a timeout does.
    ///
    /// - Parameters:
    ///   - condition: What to wait for. With no futures it is met.
    ///   - futures: The futures; duplicates count once.
    ///   - timeout: How long to wait; without limit where it is `nil`. Zero only looks.
    /// - Returns: The complete ones and the others.
    public static func wait(
        for condition: FutureCondition = .allCompleted,
        _ futures: some Sequence<Future>,
        timeout: Duration? = nil
    ) async -> Waited {
        let futures = unique(futures)
        let isMet = condition.future(of: futures)
        if let timeout, timeout <= .zero { isMet.cancel() }
        let alarm = timeout.map { clock(of: futures).alarm($0) { isMet.cancel() } }
        await withTaskCancellationHandler {
            _ = await isMet.result
        } onCancel: {
            isMet.cancel()
        }
        // One that would have waited for itself has not waited.
        isMet.cancel()
        alarm?.stop()
        return split(futures)
    }

    /// Blocks the calling thread until `condition` is met, and tells which of the futures are complete.
    ///
    /// For plain threads only, with the rules of a single future's `wait(timeout:)`.
    ///
    /// - Parameters:
    ///   - condition: What to wait for. With no futures it is met.
    ///   - futures: The futures; duplicates count once.
    ///   - timeout: How long to wait; without limit where it is `nil`. Zero only looks.
    /// - Returns: The complete ones and the others.
    /// - Throws: ``ContextPoolError`` with the code `wouldBlockLoop` or `wouldDeadlock`, where a single future's
    ///   `wait(timeout:)` would; a time that has passed is no error.
    @available(*, noasync, message: "blocks the thread; use 'await Future.wait(for:_:timeout:)'")
    public static func wait(
        for condition: FutureCondition = .allCompleted,
        _ futures: some Sequence<Future>,
        timeout: Duration? = nil
    ) throws(ContextPoolError) -> Waited {
        let futures = unique(futures)
        let isMet = condition.future(of: futures)
        defer { isMet.cancel() }
        do {
            try isMet.wait(timeout: timeout)
        } catch let error as ContextPoolError where error.code != .timedOut {
            throw error
        } catch {
            // That the time has passed shows in the answer.
        }
        return split(futures)
    }

    /// Each future once, where it comes first.
    static func unique(_ futures: some Sequence<Future>) -> [Future] {
        var seen: Set<ObjectIdentifier> = []
        return futures.filter { seen.insert(ObjectIdentifier($0)).inserted }
    }

    /// The clock by which several futures are waited for: that of the first one's pool.
    static func clock(of futures: [Future<Value>]) -> PoolClock { (futures.first?.home ?? .none).queue.clock }

    private static func split(_ futures: [Future]) -> Waited {
        var waited: Waited = ([], [])
        for future in futures {
            if future.isFinished { waited.done.append(future) } else { waited.notDone.append(future) }
        }
        return waited
    }
}

extension FutureCondition {
    /// A future that completes when the condition is met; to be cancelled by whoever waits no longer.
    fileprivate func future<Value>(of futures: [Future<Value>]) -> Future<Void> {
        .gather(futures, by: .condition(self), false, nil) ?? .completed(.success(()))
    }
}
