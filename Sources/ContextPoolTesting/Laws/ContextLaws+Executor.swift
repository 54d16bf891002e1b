import ContextPool

extension ContextLaws {
    /// What an author of an executor hands over: his own way to submit, the snapshot included.
    ///
    /// It takes a job in and returns how to cancel it: whether the body never has run and never will. `ended` is called once,
    /// when the job has ended or never will begin, with what its body threw or why it did not run.
    ///
    /// ```swift
    /// let breaches = await ContextLaws.check { body, ended in
    ///     let snapshot = ContextSnapshot.capture()
    ///     queue.async { ended(Result { try snapshot.run(body) }) }
    ///     return { false }
    /// }
    /// ```
    public typealias Submit =
        @Sendable (
            _ body: @escaping @Sendable () throws -> Void,
            _ ended: @escaping @Sendable (Result<Void, any Error>) -> Void
        ) throws -> @Sendable () -> Bool

    /// Holds the laws against an executor.
    ///
    /// Law 12 is left out: waiting inside of an executor for itself is done by means of its own.
    ///
    /// - Parameters:
    ///   - workers: How many jobs it runs at a time at most: as many are held, so that others wait.
    ///   - laws: Which laws. Those of cancelling, 10 and 11, are for executors that can keep a job from beginning.
    ///   - patience: How long a job may take to end before it counts as lost.
    ///   - submit: The executor.
    /// - Returns: The breaches, by law; none where all hold.
    public static func check(
        workers: Int = 1,
        laws: Set<Int> = Set(1...9),
        patience: Duration = .seconds(5),
        _ submit: @escaping Submit
    ) async -> [Breach] {
        let check = ExecutorCheck(workers: workers, patience: patience, submit: submit)
        let all: [(Int, () async throws -> String?)] = [
            (1, check.capturesAtSubmit), (2, check.hasAContextEach), (3, check.copies), (4, check.arrives),
            (5, check.isPassedOn), (6, check.isGoneAfterwards), (7, check.outlivesTheRequest), (8, check.tearsDownOnce),
            (9, check.losesNothing), (10, check.cancels), (11, check.endsWithTheRequest),
        ]
        var breaches: [Breach] = []
        for (law, hold) in all where laws.contains(law) {
            var seen: String?
            do { seen = try await hold() } catch { seen = "A submission was refused: \(error)." }
            if let seen { breaches.append(Breach(law, sentences[law] ?? "", seen)) }
        }
        return breaches
    }

    private static let sentences = [
        1: "The snapshot is taken when submit is called.",
        2: "Each job has a context of its own.",
        3: "What a job writes is not seen outside, nor the reverse.",
        4: "The job sees the application and the request of its submitter, and none where there was none.",
        5: "A job that submits passes its own context on.",
        6: "The worker has no context any more when the job has ended.",
        7: "A job may outlive its request, and reads all that was copied.",
        8: "The teardown of a request runs once, and not for its jobs.",
        9: "An error of the body comes out, and every job ends.",
        10: "A job that is cancelled before it begins never runs.",
        11: "When a request is cancelled, its jobs that wait never begin.",
    ]
}

/// One law each, as a sentence about what was seen instead; `nil` where it holds.
private struct ExecutorCheck: Sendable {
    let workers: Int
    let patience: Duration
    let submit: ContextLaws.Submit

    private typealias Outcome = Result<Void, any Error>

    private enum UserKey: ContextKey {
        static let name = "law.user"
        static let defaultValue = "nobody"
    }

    private struct Failure: Error {}

    /// The context that an application would have; the pool in it is never used.
    private func makeRequest(_ user: String) throws -> RequestContext {
        var values = ContextValues()
        values[UserKey.self] = user
        let app = AppContext(name: "laws", pool: try DeterministicPool().pool)
        return RequestContext(app: app, values: values)
    }

    /// Submits inside of a request, or of none, and returns what comes of it.
    private func run<Value: Sendable>(
        in request: RequestContext?,
        _ body: @escaping @Sendable () throws -> Value
    ) throws -> (value: Signal<Value>, ended: Signal<Outcome>, cancel: @Sendable () -> Bool) {
        let (value, ended) = (Signal<Value>(), Signal<Outcome>())
        let hand = { try submit({ value.send(try body()) }, { ended.send($0) }) }
        let cancel = try request.map { try RequestContext.withCurrent($0, hand) } ?? hand()
        return (value, ended, cancel)
    }

    /// Occupies all workers, until the barrier is opened.
    private func plug() async throws -> Barrier {
        let barrier = Barrier(patience: patience)
        for _ in 0..<workers {
            let runs = Signal<Void>()
            _ = try submit(
                {
                    runs.send(())
                    barrier.pass()
                },
                { _ in }
            )
            _ = await runs.value(within: patience)
        }
        return barrier
    }

    private static var user: String { RequestContext.current?.g[UserKey.self] ?? "no request" }

    func capturesAtSubmit() async throws -> String? {
        let (request, barrier) = (try makeRequest("at submit"), try await plug())
        let job = try run(in: request) { Self.user }
        request.g[UserKey.self] = "later"
        barrier.open()
        let seen = await job.value.value(within: patience)
        return seen == "later" ? "The job saw what was written after submit." : nil
    }

    func hasAContextEach() async throws -> String? {
        let request = try makeRequest("ann")
        let contexts = [
            await (try run(in: request) { RequestContext.current }).value.value(within: patience),
            await (try run(in: request) { RequestContext.current }).value.value(within: patience),
        ]
        guard let first = contexts[0] ?? nil, let second = contexts[1] ?? nil else { return nil }
        return first === second ? "Two jobs of one request had the same context." : nil
    }

    func copies() async throws -> String? {
        let request = try makeRequest("outside")
        let (runs, barrier) = (Signal<Void>(), Barrier(patience: patience))
        let job = try run(in: request) {
            RequestContext.current?.g[UserKey.self] = "inside"
            runs.send(())
            barrier.pass()
            return Self.user
        }
        _ = await runs.value(within: patience)
        let outside = request.g[UserKey.self]
        request.g[UserKey.self] = "written outside"
        barrier.open()
        let inside = await job.value.value(within: patience)
        _ = await job.ended.value(within: patience)
        if request.g[UserKey.self] != "written outside" { return "At its end the job wrote over what its request had." }
        if outside == "inside" { return "The request saw what its job wrote." }
        return inside == "written outside" ? "The job saw what its request wrote meanwhile." : nil
    }

    func arrives() async throws -> String? {
        let request = try makeRequest("ann")
        let job = try run(in: request) { (Self.user, AppContext.current === request.app) }
        guard let (user, hasApp) = await job.value.value(within: patience) else { return nil }
        if user != "ann" { return "The job saw \(user) where ann had submitted it." }
        if !hasApp { return "The job saw another application, or none." }
        let without = try run(in: nil) { Self.user }
        let seen = await without.value.value(within: patience)
        return seen == nil || seen == "no request" ? nil : "A job without a request saw that of \(seen ?? "")."
    }

    func isPassedOn() async throws -> String? {
        let inner = Signal<String>()
        let job = try run(in: makeRequest("handler")) {
            guard Self.user == "handler" else { return }
            RequestContext.current?.g[UserKey.self] = "job"
            _ = try submit({ inner.send(Self.user) }, { _ in })
        }
        guard case .success? = await job.ended.value(within: patience) else { return nil }
        guard let seen = await inner.value(within: .seconds(1)), seen != "job" else { return nil }
        return "The job of a job saw \(seen)."
    }

    func isGoneAfterwards() async throws -> String? {
        for throwing in [false, true] {
            let (own, isGone) = (Signal<RequestContext>(), Signal<Bool>())
            try RequestContext.withCurrent(makeRequest("ann")) {
                _ = try submit(
                    {
                        if let context = RequestContext.current { own.send(context) }
                        if throwing { throw Failure() }
                    },
                    // Whoever is told may have a context again, but not the job's.
                    { _ in isGone.send(RequestContext.current == nil || RequestContext.current !== own.now) }
                )
            }
            if await isGone.value(within: patience) == false {
                return "It was still there when the job was said to have ended."
            }
        }
        return nil
    }

    func outlivesTheRequest() async throws -> String? {
        let request = try makeRequest("gone")
        // What does not arrive at all is a matter of law 4.
        guard await (try run(in: request) { Self.user }).value.value(within: patience) == "gone" else { return nil }
        let barrier = try await plug()
        let job = try run(in: request) { Self.user }
        request.tearDown()
        barrier.open()
        guard let seen = await job.value.value(within: patience) else { return "The job never read anything." }
        return seen == "gone" ? nil : "The job saw \(seen)."
    }

    func tearsDownOnce() async throws -> String? {
        let (request, first, second) = (try makeRequest("ann"), Signal<Void>(), Signal<Void>())
        request.onTeardown { _ in if first.now == nil { first.send(()) } else { second.send(()) } }
        let job = try run(in: request) {}
        _ = await job.ended.value(within: patience)
        guard first.now == nil else { return "It ran at the end of a job." }
        request.tearDown()
        let after = try run(in: nil) {}
        _ = await after.ended.value(within: patience)
        if first.now == nil { return "It never ran." }
        return second.now == nil ? nil : "It ran twice."
    }

    func losesNothing() async throws -> String? {
        let failing = try run(in: nil) { throw Failure() }
        switch await failing.ended.value(within: patience) {
        case nil: return "A job that threw never ended."
        case .success: return "The error of a job was lost."
        case .failure(let error): if !(error is Failure) { return "The error of a job was replaced by \(error)." }
        }
        for _ in 0..<workers + 1 {
            guard case .success? = await (try run(in: nil) {}).ended.value(within: patience) else {
                return "After a job that threw another one did not end well."
            }
        }
        return nil
    }

    func cancels() async throws -> String? {
        let (barrier, ran) = (try await plug(), Signal<Void>())
        let job = try run(in: nil) { ran.send(()) }
        let isCancelled = job.cancel()
        barrier.open()
        guard let outcome = await job.ended.value(within: patience) else { return "The cancelled job never ended." }
        _ = await (try run(in: nil) {}).ended.value(within: patience)
        if ran.now != nil { return "Its body ran." }
        if !isCancelled { return "It was said to have begun." }
        if case .success = outcome { return "It was said to have succeeded." }
        return nil
    }

    func endsWithTheRequest() async throws -> String? {
        let (barrier, ran) = (try await plug(), Signal<Void>())
        let request = try makeRequest("ann")
        let job = try run(in: request) { ran.send(()) }
        request.cancel()
        barrier.open()
        guard await job.ended.value(within: patience) != nil else { return "Its job never ended." }
        return ran.now != nil ? "Its job began all the same." : nil
    }
}
