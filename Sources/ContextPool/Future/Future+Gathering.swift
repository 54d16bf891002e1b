extension Future {
    /// The future of all values, in the order of `futures`, whichever completes first.
    ///
    /// It fails as soon as one of them fails, with that error, and does not wait for the others. They go on, unless they
    /// are to be cancelled. Of an empty list the value is empty, at once.
    ///
    /// It goes by the lifetime of the first of them, as ``first(of:cancellingOthers:file:line:)`` and
    /// ``race(of:cancellingOthers:file:line:)`` do: unless that is detached it ends, as if it were cancelled, with the request
    /// of the calling line, and when the time is up that the line has.
    ///
    /// ```swift
    /// let (user, cart) = (try pool.submit { try User.load() }, try pool.submit { try User.loadGuest() })
    /// let both = try await Future.all([user, cart]).value
    /// ```
    ///
    /// - Parameters:
    ///   - futures: What to wait for. One that is given twice has its value there twice.
    ///   - cancellingOthers: Whether the others are cancelled when one fails, and all of them when the new future is
    ///     cancelled. Otherwise that does not touch them.
    ///   - file: Where it is called; leave it to the compiler.
    ///   - line: Where it is called; leave it to the compiler.
    /// - Returns: The future of the values.
    public static func all<Element: Sendable>(
        _ futures: some Sequence<Future<Element>>,
        cancellingOthers: Bool = false,
        file: String = #fileID,
        line: Int = #line
    ) -> Future<[Element]> where Value == [Element] {
        let makeValues: @Sendable ([Completion.Value]) -> Completion.Value = { boxes in
            var values: [Element] = []
            values.reserveCapacity(boxes.count)
            for box in boxes { if let kept = box as? KeptValue<Element> { values.append(kept.value) } }
            return KeptValue(values)
        }
        // Here as below a closure, and not a key path: in generic code one is made anew each time, at the price of a job.
        return gather(
            futures.map { $0 },
            by: .all(makeValues),
            cancellingOthers,
            SourceSite(file: file, line: line)
        ) ?? completed(.success([]))
    }

    /// The future of the first value: errors count only when there is nothing else.
    ///
    /// Where every one fails the error is that of the first in the list.
    ///
    /// - Parameters:
    ///   - futures: What to choose from; an empty list fails with ``ContextPoolError/Code-swift.struct/noFutures``.
    ///   - cancellingOthers: Whether the others are cancelled when there is a value, and all of them when the new future
    ///     is cancelled. Otherwise they go on for nobody.
    ///   - file: Where it is called; leave it to the compiler.
    ///   - line: Where it is called; leave it to the compiler.
    /// - Returns: The future of the value.
    public static func first(
        of futures: some Sequence<Future<Value>>,
        cancellingOthers: Bool = false,
        file: String = #fileID,
        line: Int = #line
    ) -> Future<Value> {
        gather(futures.map { $0 }, by: .first, cancellingOthers, SourceSite(file: file, line: line))
            ?? completed(.failure(ContextPoolError.noFutures))
    }

    /// The future of the first outcome, a value or an error.
    ///
    /// - Parameters:
    ///   - futures: Who takes part; an empty list fails with ``ContextPoolError/Code-swift.struct/noFutures``, rather
    ///     than never completing.
    ///   - cancellingOthers: Whether the losers are cancelled, and all of them when the new future is cancelled.
    ///     Otherwise they go on for nobody.
    ///   - file: Where it is called; leave it to the compiler.
    ///   - line: Where it is called; leave it to the compiler.
    /// - Returns: The future of the outcome.
    public static func race(
        of futures: some Sequence<Future<Value>>,
        cancellingOthers: Bool = false,
        file: String = #fileID,
        line: Int = #line
    ) -> Future<Value> {
        gather(futures.map { $0 }, by: .race, cancellingOthers, SourceSite(file: file, line: line))
            ?? completed(.failure(ContextPoolError.noFutures))
    }

    /// The one future of `promises`; `nil` where there are none.
    static func gather(
        _ promises: [any Promise],
        by rule: Gathering.Rule,
        _ cancelsOthers: Bool,
        _ site: SourceSite?
    ) -> Future? {
        guard let first = promises.first else { return nil }
        let output = Future(home: first.home, lifetime: first.lifetime)
        Gathering.start(promises, by: rule, cancelsOthers: cancelsOthers, into: output, site: site)
        return output
    }

    /// A future that is complete from the beginning, with the application's pool for what may follow it.
    static func completed(_ result: Result<Value, any Error>) -> Future<Value> {
        let future = Future(home: AppContext.current?.pool.home ?? .none)
        _ = future.settle(result)
        return future
    }
}
