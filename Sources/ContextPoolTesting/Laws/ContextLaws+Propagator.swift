public import ContextPool

extension ContextLaws {
    /// Holds the laws against a propagator, on a deterministic pool: nothing sleeps, and each run sees the same.
    ///
    /// - Parameters:
    ///   - propagator: The propagator.
    ///   - one: A value that differs from what is there where nothing is set.
    ///   - other: Another one.
    ///   - read: Reads the value that is current on the calling thread.
    ///   - set: Runs an operation with a value set around it, as its owner does.
    /// - Returns: The breaches, by law; none where all hold.
    /// - Throws: ``DeterministicPoolError`` where the propagator blocks a thread for good.
    public static func check<Value: Sendable & Equatable>(
        _ propagator: ContextPropagator,
        _ one: Value,
        _ other: Value,
        read: @escaping @Sendable () -> Value,
        whileSet set: @escaping @Sendable (Value, () throws -> Void) throws -> Void
    ) throws -> [Breach] {
        let check = PropagatorCheck(propagator: propagator, one: one, other: other, read: read, set: set)
        return try [
            check.capturesAtSubmit(), check.hasASnapshotEach(), check.staysInside(), check.arrives(),
            check.isPassedOn(), check.isHidden(), check.isGoneAfterwards(), check.passesErrorsOn(),
        ]
        .compactMap { $0 }
    }
}

/// One law each; a breach of one shall not show as that of another.
private struct PropagatorCheck<Value: Sendable & Equatable>: Sendable {
    let propagator: ContextPropagator
    let one: Value
    let other: Value
    let read: @Sendable () -> Value
    let set: @Sendable (Value, () throws -> Void) throws -> Void

    private func makePool() throws -> DeterministicPool {
        // Without isClear, which is asked here: in a debug build the canary of the pool would end the process.
        let quiet = ContextPropagator(name: propagator.name, capture: propagator.capture)
        return try DeterministicPool(propagators: [quiet])
    }

    /// What comes of a job; `nil` where it failed, which is for another law to say.
    private func value<Seen>(of future: Future<Seen>, in pool: DeterministicPool) throws -> Seen? {
        do { return try pool.value(of: future) } catch let error as DeterministicPoolError { throw error } catch {
            return nil
        }
    }

    /// Submits while `value` is set, and tells what the job reads.
    private func submit(_ value: Value, to pool: DeterministicPool) throws -> Future<Value> {
        var future: Future<Value>?
        try set(value) { future = try pool.pool.submit { read() } }
        guard let future else { throw ContextLaws.Breach(0, "The setter runs its operation.", "It did not.") }
        return future
    }

    func capturesAtSubmit() throws -> ContextLaws.Breach? {
        let pool = try makePool()
        let future = try submit(one, to: pool)
        var seen: Value?
        try set(other) { seen = try value(of: future, in: pool) }
        // Nothing at all is a matter of law 4.
        guard seen == other else { return nil }
        return .init(1, "The value is read when submit is called.", "The job saw \(other), which was set only later.")
    }

    func hasASnapshotEach() throws -> ContextLaws.Breach? {
        let pool = try makePool()
        let futures = [try submit(one, to: pool), try submit(other, to: pool)]
        guard try value(of: futures[0], in: pool) == other else { return nil }
        return .init(
            2,
            "Each submission has a value of its own.",
            "The first job saw \(other), which belongs to the second."
        )
    }

    func staysInside() throws -> ContextLaws.Breach? {
        let pool = try makePool()
        let before = read()
        let seen = Signal<Value>()
        try set(one) { try pool.pool.submit { pool.pause() } }
        // Runs while the job is in the middle of its body.
        pool.atAnyTime("reader") { seen.send(read()) }
        var leaked: Value?
        while try pool.runOne() { if read() != before { leaked = read() } }
        leaked = leaked ?? seen.now.flatMap { $0 == before ? nil : $0 }
        guard let leaked else { return nil }
        return .init(3, "What is applied for a job is seen by nobody else.", "Another thread saw \(leaked) meanwhile.")
    }

    func arrives() throws -> ContextLaws.Breach? {
        let pool = try makePool()
        var seen: Value?
        try set(one) { seen = try value(of: pool.pool.submit { read() }, in: pool) }
        guard let seen, seen != one else { return nil }
        return .init(4, "The job sees \(one), as its submitter did.", "It saw \(seen).")
    }

    func isPassedOn() throws -> ContextLaws.Breach? {
        let pool = try makePool()
        var seen: [Value?] = []
        try set(one) {
            let job = try pool.pool.submit { (read(), try pool.pool.submit { read() }) }
            guard let (outer, inner) = try value(of: job, in: pool) else { return }
            seen = [outer, try value(of: inner, in: pool)]
        }
        guard seen.first == one, let inner = seen.last ?? nil, inner != one else { return nil }
        return .init(5, "A job passes its own value on to jobs that it submits.", "The job of a job saw \(inner).")
    }

    /// For a propagator that says how to clear its value; nothing is hidden by one that does not.
    func isHidden() throws -> ContextLaws.Breach? {
        guard let scope = propagator.clear else { return nil }
        let before = read()
        var seen: [Value] = []
        try set(one) {
            try scope { seen.append(read()) }
            seen.append(read())
        }
        let law = "In its clear scope there is nothing of the value, and afterwards it is there again."
        guard seen.count == 2 else { return .init(4, law, "The scope did not run its operation once.") }
        if seen[0] != before { return .init(4, law, "There was \(seen[0]).") }
        if seen[1] != one { return .init(4, law, "Afterwards there was \(seen[1]).") }
        return nil
    }

    func isGoneAfterwards() throws -> ContextLaws.Breach? {
        let law = "After the job the worker is as it was before."
        for throwing in [false, true] {
            let pool = try makePool()
            let probe = {
                try pool.value(of: pool.pool.submit(context: .appOnly) { (read(), propagator.isClear?() ?? true) })
            }
            let before = try probe()
            if !before.1 { return .init(6, "A worker that has run nothing is clear.", "isClear said that it is not.") }
            var blind: Bool?
            try set(one) {
                let job = try pool.pool.submit {
                    let isBlind = read() == one && propagator.isClear?() == true
                    if throwing { throw Failure() }
                    return isBlind
                }
                blind = try value(of: job, in: pool)
            }
            let after = try probe()
            let how = throwing ? " after a job that threw" : ""
            if after.0 != before.0 { return .init(6, law, "It still had \(after.0)\(how).") }
            if !after.1 { return .init(6, law, "isClear said that it is not\(how).") }
            if blind == true { return .init(6, "isClear sees a value that is there.", "It did not see \(one).") }
        }
        return nil
    }

    func passesErrorsOn() throws -> ContextLaws.Breach? {
        let law = "A scope runs its operation once, on the thread that called it, and passes on what that throws."
        var problem: String?
        try set(one) {
            guard let scope = propagator.capture() else { return }
            let thread = PlatformThread.current
            var ran: [Bool] = []
            do {
                try scope {
                    ran.append(PlatformThread.current == thread)
                    throw Failure()
                }
                problem = "The error was swallowed."
            } catch {
                if !(error is Failure) { problem = "The error was replaced by \(error)." }
            }
            if ran.count != 1 { problem = "It ran \(ran.count) times." }
            if ran.contains(false) { problem = "It ran on another thread." }
        }
        return problem.map { .init(9, law, $0) }
    }

    private struct Failure: Error {}
}
