// The overloads differ in whether their closure is async, by which the compiler tells them apart.
// swift-format-ignore-file: AmbiguousTrailingClosureOverload

extension ContextPool {
    /// Runs `body` for each item on the workers, and yields the results in the order of the items.
    ///
    /// ```swift
    /// for try await thumbnail in try context.pool.map(pictures, atMost: 8, { try $0.scaled(to: 128) }) {
    ///     try await writer.write(thumbnail)
    /// }
    /// ```
    ///
    /// - The context is the one of this call, however late an item is submitted; each item has a copy of its own.
    /// - At most `limit` items are submitted and not yet yielded. The first ones begin at this call; each result that is
    ///   taken lets one more begin. So a slow reader holds the work back, and a long list does not fill the queue.
    /// - An error is thrown in the place of its item, after the results before it. It ends the sequence.
    /// - When the sequence ends early, by an error, by the timeout, because its task is cancelled or because nobody
    ///   holds it any more, the items that have not begun never do.
    /// - A full queue holds the next item back for as long as there is one before it; only where there is none is it an
    ///   error.
    ///
    /// - Parameters:
    ///   - items: The items. Each is let go when it is done.
    ///   - limit: How many items run ahead of the reader; as many as there are workers where it is `nil`.
    ///   - lifetime: What becomes of the items when the request is cancelled.
    ///   - timeout: How long all of it may take, from this call on. Results that are there are yielded all the same.
    ///   - body: What to run for an item. It may block.
    /// - Returns: The results, to be iterated once.
    /// - Throws: ``ContextPoolError`` with the code `invalidConfiguration` for a limit below 1, or where the first item is
    ///   refused, with the codes that `submit` has.
    public func map<Item: Sendable, Value: Sendable>(
        _ items: some Collection<Item>,
        atMost limit: Int? = nil,
        lifetime: JobLifetime = .withRequest,
        timeout: Duration? = nil,
        _ body: @escaping @Sendable (Item) throws -> Value
    ) throws(ContextPoolError) -> MappedItems<Item, Value> {
        try map(items, atMost: limit, timeout: timeout) { item in
            try self.submit(lifetime) { try body(item) }
        }
    }

    /// Runs an async `body` for each item on the workers, and yields the results in the order of the items.
    ///
    /// It is like the other `map`. The task of an item carries the context of this call, the pool's propagators included,
    /// and beside them the task-locals of whoever takes the results, which as a rule is the same task.
    ///
    /// - Parameters:
    ///   - items: The items. Each is let go when it is done.
    ///   - limit: How many items run ahead of the reader; as many as there are workers where it is `nil`.
    ///   - lifetime: What becomes of the items when the request is cancelled.
    ///   - timeout: How long all of it may take, from this call on. Results that are there are yielded all the same.
    ///   - body: What to run for an item. It must not block a worker for what it could await.
    /// - Returns: The results, to be iterated once.
    /// - Throws: ``ContextPoolError`` with the code `invalidConfiguration` for a limit below 1, or where the first item is
    ///   refused, with the codes that `submit` has.
    public func map<Item: Sendable, Value: Sendable>(
        _ items: some Collection<Item>,
        atMost limit: Int? = nil,
        lifetime: JobLifetime = .withRequest,
        timeout: Duration? = nil,
        _ body: @escaping @Sendable (Item) async throws -> Value
    ) throws(ContextPoolError) -> MappedItems<Item, Value> {
        try map(items, atMost: limit, timeout: timeout) { item in
            try self.submit(lifetime) { () async throws -> Value in try await body(item) }
        }
    }

    func map<Item: Sendable, Value: Sendable>(
        _ items: some Collection<Item>,
        atMost limit: Int?,
        timeout: Duration?,
        submit: @escaping @Sendable (Item) throws -> Future<Value>
    ) throws(ContextPoolError) -> MappedItems<Item, Value> {
        let limit = limit ?? workers
        guard limit >= 1 else {
            throw .invalidConfiguration("A map needs at least 1 item at a time, but atMost is \(limit).")
        }
        // With the life of the request, whatever `lifetime` says: `submit` decides what to make of it.
        let snapshot = ContextSnapshot(of: .current, propagators: propagators, isForAnyThread: true)
        let session = MappingSession(Array(items), atMost: limit, timeout: timeout) { item in
            // Applied here so that `submit` captures what was current at the call of `map`.
            try snapshot.run { try submit(item) }
        }
        try session.start(clock: queue.clock)
        return MappedItems(session: session)
    }
}

/// The results of ``ContextPool/map(_:atMost:lifetime:timeout:_:)-((Item)->Value)``, in the order of the items.
///
/// It goes by once, and for one reader at a time.
public struct MappedItems<Item: Sendable, Value: Sendable>: AsyncSequence, Sendable {
    let session: MappingSession<Item, Value>

    /// Begins, or goes on, with what is left.
    ///
    /// - Returns: The iterator.
    public func makeAsyncIterator() -> Iterator { Iterator(session: session) }

    /// Yields the results.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let session: MappingSession<Item, Value>

        /// Suspends until the next result is there.
        ///
        /// - Returns: The result; `nil` after the last one, and after an error.
        /// - Throws: What the body threw for this item; ``ContextPoolError`` where it could not be run, or the time is up;
        ///   `CancellationError` where the task was cancelled.
        public mutating func next() async throws -> Value? { try await session.next() }
    }
}
