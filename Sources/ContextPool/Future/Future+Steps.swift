extension Future {
    /// The future of what `transform` makes of the value, once that is there.
    ///
    /// The rules of every step:
    ///
    /// - It has the context of the line that added it, as captured here, in a copy of its own: the part that the pool selects.
    /// - It runs as a job on the workers of the pool that the future comes from, and may block. A full queue does not
    ///   refuse it, since what has begun must be able to go on. A shutdown waits for it; where the pool has ended
    ///   before, it runs on Swift's own threads, rather than never. It never runs on the thread that adds it, nor on one
    ///   that cancels, which may be an event loop.
    /// - What it throws is the error of the new future. An error of this one passes through, and the step does not run.
    /// - Cancelling the new future cancels the step and leaves this future alone: others may want its value. Where this
    ///   one is cancelled, the new one is, too.
    /// - It goes by the lifetime of its job: steps of a ``JobLifetime/detached`` one are detached. Other steps end with the
    ///   request of the line that added them, and when the time is up that the line has, whatever they wait for.
    /// - After its end nothing is kept: not the closure, not the context, not this future.
    ///
    /// - Parameters:
    ///   - file: Where it is added; leave it to the compiler.
    ///   - line: Where it is added; leave it to the compiler.
    ///   - transform: Receives the value.
    /// - Returns: The future of what `transform` returns or throws.
    @discardableResult
    public func map<New: Sendable>(
        file: String = #fileID,
        line: Int = #line,
        _ transform: @escaping @Sendable (Value) throws -> New
    ) -> Future<New> {
        derive(SourceSite(file: file, line: line)) { result in
            switch result {
            case .success(let value): .run { try transform(value) }
            case .failure(let error): .pass(.failure(error))
            }
        }
    }

    /// The future of a second future, which `transform` makes of the value.
    ///
    /// The rules are those of ``map(file:line:_:)``. It is how an async closure follows: `future.flatMap { value in try
    /// pool.submit { try await ... } }`. Cancelling the new future while it waits for the second one cancels that.
    /// Where the request is cancelled meanwhile, or the time is up, the new future fails, and the second one is left alone.
    ///
    /// - Parameters:
    ///   - file: Where it is added; leave it to the compiler.
    ///   - line: Where it is added; leave it to the compiler.
    ///   - transform: Receives the value; as a rule it submits a job. It need not wait for it.
    /// - Returns: The future of what `transform` throws, or of the outcome of the future it returns; `wouldDeadlock` where that
    ///   waits for the new one.
    @discardableResult
    public func flatMap<New: Sendable>(
        file: String = #fileID,
        line: Int = #line,
        _ transform: @escaping @Sendable (Value) throws -> Future<New>
    ) -> Future<New> {
        let outer = Future<New>(home: home, lifetime: lifetime)
        let limits = StepLimits(of: .current, lifetime: lifetime, site: SourceSite(file: file, line: line))
        let first = map(file: file, line: line) { value in
            // Here the body of `outer` begins, and if it was cancelled before it must not.
            guard outer.begin() else { throw CancellationError() }
            return try transform(value)
        }
        let relay = Relay<New>(first, limits: limits)
        outer.attach(relay, seat: nil)
        first.follow { outcome in
            switch outcome.result {
            case .success(let second):
                relay.go(on: second, for: outer)
                return nil
            case .failure(let error):
                return outer.settle(.failure(error), isCancelled: outcome.isCancelled)
            }
        }
        return outer
    }

    /// The future of this value, or of what `transform` makes of the error.
    ///
    /// The rules are those of ``map(file:line:_:)``, with value and error exchanged: a value passes through. The cancellation of
    /// this future is an error like any other, a `CancellationError`.
    ///
    /// - Parameters:
    ///   - file: Where it is added; leave it to the compiler.
    ///   - line: Where it is added; leave it to the compiler.
    ///   - transform: Receives the error, and returns a value in its place or throws.
    /// - Returns: The future of the value, or of what `transform` returns or throws.
    @discardableResult
    public func recover(
        file: String = #fileID,
        line: Int = #line,
        _ transform: @escaping @Sendable (any Error) throws -> Value
    ) -> Future<Value> {
        derive(SourceSite(file: file, line: line)) { result in
            switch result {
            case .success(let value): .pass(.success(value))
            case .failure(let error): .run { try transform(error) }
            }
        }
    }

    private enum Plan<New: Sendable> {
        case pass(Result<New, any Error>)
        case run(@Sendable () throws -> New)
    }

    private func derive<New>(
        _ site: SourceSite,
        _ plan: @escaping @Sendable (Result<Value, any Error>) -> Plan<New>
    ) -> Future<New> {
        let derived = Future<New>(home: home, lifetime: lifetime)
        let scope = ContextScope.current
        let deadline = lifetime.isDetached ? nil : scope.deadlineForJobs
        let snapshot = ContextSnapshot(
            of: scope,
            propagators: home.propagators,
            lifetime: lifetime,
            selection: home.selection,
            site: site,
            deadline: deadline
        )
        let flow = scope.flow(snapshot.life)
        let step = Step(in: snapshot, following: self, future: derived, flow: flow, deadline: deadline)
        step.connect()
        guard !derived.isFinished else { return derived }
        let number = follow { outcome in
            switch plan(outcome.result) {
            case .pass(let result): return derived.settle(result, isCancelled: outcome.isCancelled)
            case .run(let body):
                step.start(body)
                return nil
            }
        }
        // Weakly, so that what is derived keeps no source; a source that is gone has nothing to forget.
        if let number { step.follows { [weak self] in self?.forget(number) } }
        return derived
    }
}
