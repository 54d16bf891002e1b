import Synchronization

/// The state of one `pool.map`: what has yet to be submitted, and what runs ahead of the reader.
final class MappingSession<Item: Sendable, Value: Sendable>: Sendable {
    private struct State {
        /// Last first, so that each item is let go when it is taken.
        var items: [Item]
        var submit: (@Sendable (Item) throws -> Future<Value>)?
        var ahead = FIFO<Future<Value>>()
        /// Submitted and not yet yielded; `limit` bounds it.
        var begun = 0
        var yielded = 0
        var isSubmitting = false
        /// Why no more is submitted; thrown when everything before it has been yielded.
        var refusal: (any Error)?
    }

    private let limit: Int
    private let total: Int
    private let timeout: Duration?
    private let state: Mutex<State>
    private let alarm = Mutex<PoolClock.Alarm?>(nil)
    /// Completes when the time is up.
    private let timeUp = Future<Void>()

    init(
        _ items: [Item],
        atMost limit: Int,
        timeout: Duration?,
        submit: @escaping @Sendable (Item) throws -> Future<Value>
    ) {
        self.limit = limit
        self.timeout = timeout
        total = items.count
        state = Mutex(State(items: items.reversed(), submit: submit))
    }

    deinit { end() }

    /// Submits the first items; a refusal of the very first is thrown.
    func start(clock: PoolClock) throws(ContextPoolError) {
        submitMore()
        if let refusal = state.withLock({ $0.begun == 0 ? $0.refusal as? ContextPoolError : nil }) { throw refusal }
        guard let timeout else { return }
        // The alarm must not keep the session, whose end stops it.
        let timeUp = timeUp
        if timeout <= .zero { timeUp.cancel() }
        alarm.withLock { $0 = clock.alarm(timeout) { timeUp.cancel() } }
    }

    func next() async throws -> Value? {
        submitMore()
        guard let future = state.withLock({ $0.ahead.popFirst() }) else {
            let refusal = state.withLock { $0.refusal.take() }
            end()
            if let refusal { throw refusal }
            return nil
        }
        guard await isFinishedInTime(future) else {
            future.cancel()
            let unfinished = total - state.withLock { $0.yielded }
            end()
            try Task.checkCancellation()
            throw ContextPoolError.itemsUnfinished(unfinished, of: total, after: timeout ?? .zero)
        }
        switch await future.result {
        case .success(let value):
            state.withLock { state in
                state.begun -= 1
                state.yielded += 1
            }
            submitMore()
            return value
        case .failure(let error):
            end()
            throw error
        }
    }

    /// Waits for the future, the end of the time or the cancellation of the task; what is complete counts in any case.
    private func isFinishedInTime(_ future: Future<Value>) async -> Bool {
        let change = Future<Void>()
        let numbers = (
            future.follow { _ in change.settle(.success(())) }, timeUp.follow { _ in change.settle(.success(())) }
        )
        await withTaskCancellationHandler {
            _ = await change.result
        } onCancel: {
            change.cancel()
        }
        if let number = numbers.0 { future.forget(number) }
        if let number = numbers.1 { timeUp.forget(number) }
        return future.isFinished
    }

    /// Submits as many items as may run ahead; nothing is called, and nothing dies, under the lock.
    private func submitMore() {
        while let (item, submit) = takeItem() {
            do {
                let future = try submit(item)
                state.withLock { state in
                    state.isSubmitting = false
                    state.ahead.append(future)
                    state.begun += 1
                }
            } catch {
                return refused(item, error)
            }
        }
    }

    private func refused(_ item: Item, _ error: any Error) {
        let isFull = (error as? ContextPoolError)?.code == .queueFull
        _ = state.withLock { state -> [Item] in
            state.isSubmitting = false
            if isFull, state.begun > 0 {
                // One of those before it will leave the queue, and then there is a place.
                state.items.append(item)
                return []
            }
            state.refusal = error
            defer { state.items = [] }
            return state.items
        }
    }

    private func takeItem() -> (Item, @Sendable (Item) throws -> Future<Value>)? {
        state.withLock { state in
            guard !state.isSubmitting, state.begun < limit, let submit = state.submit else { return nil }
            guard let item = state.items.popLast() else { return nil }
            state.isSubmitting = true
            return (item, submit)
        }
    }

    /// Nothing more begins: what waits is cancelled, and what this holds is let go.
    private func end() {
        let old = state.withLock { state in
            defer { state = State(items: []) }
            return state
        }
        alarm.withLock { $0.take() }?.stop()
        var ahead = old.ahead
        while let future = ahead.popFirst() { future.cancel() }
    }
}
