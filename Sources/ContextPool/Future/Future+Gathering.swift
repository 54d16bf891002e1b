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
        let futures = Array(futures)
        guard !futures.isEmpty else { return completed(.success([])) }
        let nothing = (values: [Element?](repeating: nil, count: futures.count), missing: futures.count)
        return Gathering.start(
            futures,
            from: nothing,
            cancelsOthers: cancellingOthers,
            isOneEnough: false,
            site: SourceSite(file: file, line: line)
        ) { progress, index, outcome in
            switch outcome.result {
            case .failure(let error):
                return (.failure(error), outcome.isCancelled)
            case .success(let value):
                progress.values[index] = value
                progress.missing -= 1
                return progress.missing == 0 ? (.success(progress.values.compactMap { $0 }), false) : nil
            }
        }
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
        let futures = Array(futures)
        guard !futures.isEmpty else { return completed(.failure(ContextPoolError.noFutures)) }
        let nothing = (firstFailure: Outcome?.none, missing: futures.count)
        return Gathering.start(
            futures,
            from: nothing,
            cancelsOthers: cancellingOthers,
            site: SourceSite(file: file, line: line)
        ) { progress, index, outcome in
            guard case .failure = outcome.result else { return outcome }
            if index == 0 { progress.firstFailure = outcome }
            progress.missing -= 1
            return progress.missing == 0 ? progress.firstFailure : nil
        }
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
        let futures = Array(futures)
        guard !futures.isEmpty else { return completed(.failure(ContextPoolError.noFutures)) }
        return Gathering.start(
            futures,
            from: (),
            cancelsOthers: cancellingOthers,
            site: SourceSite(file: file, line: line)
        ) { _, _, outcome in outcome }
    }

    /// A future that is complete from the beginning, with the application's pool for what may follow it.
    static func completed(_ result: Result<Value, any Error>) -> Future<Value> {
        let future = Future(home: AppContext.current?.pool.home ?? .none)
        _ = future.settle(result)
        return future
    }
}
