import ContextPool
import ContextPoolTesting
import Testing

/// Each law against what may come in between, in every interleaving that there is, or in many.
@Suite("Interleavings", .timeLimit(.minutes(1)))
struct InterleavingTests {
    @Test("Law 10, OB11: cancel and start: either the body runs, or the future is cancelled", arguments: Lane.allCases)
    func cancelAndStart(lane: Lane) throws {
        var endings: Set<String> = []
        try explore(lane) { schedule in
            let (pool, ran, told) = (try DeterministicPool(schedule: schedule), Record<Bool>(), Record<Bool>())
            let job = try lane.submit(to: pool.pool) { ran.append(true) }
            pool.atAnyTime("cancel") { told.append(job.cancel()) }
            try pool.runUntilIdle()
            #expect(ran.elements.isEmpty == job.isCancelled, "\(schedule)")
            #expect(told.elements == [job.isCancelled], "\(schedule)")
            expectEmpty(pool)
            endings.insert(job.ending)
        }
        #expect(endings == ["value", "CancellationError"])
    }

    @Test(
        "Law 11: the cancellation of a request and start: a job that has begun is told, others never begin",
        arguments: Lane.allCases
    )
    func requestCancelAndStart(lane: Lane) throws {
        var endings: Set<String> = []
        try explore(lane) { schedule in
            let (pool, seen) = (try DeterministicPool(schedule: schedule), Record<Bool>())
            let request = RequestContext.make(pool.pool)
            let job = try RequestContext.withCurrent(request) {
                try lane.submit(to: pool.pool) {
                    seen.append(CurrentJob.isCancelled)
                    pool.pause()
                    seen.append(CurrentJob.isCancelled)
                }
            }
            pool.atAnyTime("the client leaves") { request.cancel() }
            try pool.runUntilIdle()
            #expect(job.ending == (seen.elements.isEmpty ? "requestCancelled" : "value"), "\(schedule)")
            #expect(seen.elements != [true, false], "\(schedule)")
            expectEmpty(pool)
            endings.insert("\(job.ending) \(seen.elements)")
        }
        #expect(endings.isSuperset(of: ["requestCancelled []", "value [false, true]", "value [false, false]"]))
    }

    @Test(
        "Law 8, OB2, OB3: a request that has ended cannot be cancelled any more, whatever its job is at",
        arguments: Lane.allCases
    )
    func requestEndAndStart(lane: Lane) throws {
        try explore(lane) { schedule in
            let (pool, seen) = (try DeterministicPool(schedule: schedule), Record<String>())
            let request = RequestContext.make(pool.pool)
            request.onTeardown { _ in seen.append("teardown") }
            let job = try RequestContext.withCurrent(request) {
                try lane.submit(to: pool.pool) {
                    pool.pause()
                    return try "\(RequestContext.require().g.user) \(CurrentJob.isCancelled)"
                }
            }
            pool.atAnyTime("the response is sent") {
                request.tearDown()
                pool.pause()
                request.cancel()
            }
            try pool.runUntilIdle()
            #expect(try pool.value(of: job) == "ann false", "\(schedule)")
            #expect(seen.elements == ["teardown"], "Law 8, in \(schedule)")
            expectEmpty(pool)
        }
    }

    @Test("a job for after the response begins after it in every interleaving", arguments: Lane.allCases)
    func afterResponseAndEnd(lane: Lane) throws {
        try explore(lane) { schedule in
            let (pool, order) = (try DeterministicPool(schedule: schedule), Record<String>())
            let request = RequestContext.make(pool.pool)
            pool.atAnyTime("handler") {
                try RequestContext.withCurrent(request) {
                    _ = try lane.submit(to: pool.pool, .afterResponse) { order.append("job") }
                }
                pool.pause()
                order.append("response")
                request.tearDown()
            }
            try pool.runUntilIdle()
            #expect(order.elements == ["response", "job"], "\(schedule)")
            expectEmpty(pool)
        }
    }

    @Test("Law 11: the deadline and start: begun in time or never", arguments: Lane.allCases)
    func deadlineAndStart(lane: Lane) throws {
        var endings: Set<String> = []
        try explore(lane) { schedule in
            let (pool, began) = (try DeterministicPool(schedule: schedule), Record<Bool>())
            let job = try lane.submit(to: pool.pool, within: .seconds(1)) { began.append(true) }
            pool.atAnyTime("time passes") { pool.advance(by: .seconds(2)) }
            try pool.runUntilIdle()
            #expect(job.ending == (began.elements.isEmpty ? "deadlinePassed" : "value"), "\(schedule)")
            expectEmpty(pool)
            endings.insert(job.ending)
        }
        #expect(endings == ["value", "deadlinePassed"])
    }

    @Test("Law 11: the deadline, the source and its step: begun in time or never")
    func deadlineAndStep() throws {
        var endings: Set<String> = []
        try explore(.closure) { schedule in
            let (pool, seen) = (try DeterministicPool(schedule: schedule), Record<Bool>())
            let (sources, steps) = (Record<Future<Int>>(), Record<Future<Void>>())
            try pool.pool.submit(within: .seconds(1)) {
                steps.append(
                    sources.elements[0]
                        .map { _ in
                            seen.append(CurrentJob.isCancelled)
                            pool.pause()
                            seen.append(CurrentJob.isCancelled)
                        }
                )
            }
            // Which the step waits for, and which has all the time in the world.
            sources.append(try pool.pool.submit { 1 })
            pool.atAnyTime("time passes") { pool.advance(by: .seconds(2)) }
            try pool.runUntilIdle()
            expectEmpty(pool)
            guard let step = steps.elements.first else { return }
            #expect(step.ending == (seen.elements.isEmpty ? "deadlinePassed" : "value"), "\(schedule)")
            #expect(seen.elements != [true, false], "\(schedule)")
            endings.insert("\(step.ending) \(seen.elements)")
        }
        #expect(endings.isSuperset(of: ["deadlinePassed []", "value [false, true]", "value [false, false]"]))
    }

    @Test(
        "Law 9, CF36, CF39: shutDown and submit: a job is refused, or its future completes",
        arguments: Lane.allCases,
        [ContextPool.ShutDownMode.finishPending, .cancelPending, .cancelAll]
    )
    func shutDownAndSubmit(lane: Lane, mode: ContextPool.ShutDownMode) throws {
        var endings: Set<String> = []
        try explore(lane) { schedule in
            let pool = try DeterministicPool(schedule: schedule)
            let (futures, refusals, reports) = (Record<Future<Int>>(), Record<Bool>(), Record<[UInt64]>())
            pool.atAnyTime("shutDown") { () async throws in
                let report = await pool.pool.shutDown(mode)
                #expect(report.unfinished == 0, "\(schedule)")
                reports.append(report.neverRan.map(\.id))
            }
            pool.atAnyTime("submit") {
                do { futures.append(try lane.submit(to: pool.pool) { 1 }) } catch {
                    #expect((error as? ContextPoolError)?.code == .shutDown)
                    refusals.append(true)
                }
            }
            try pool.runUntilIdle()
            #expect(reports.elements.count == 1, "shutDown returns, in \(schedule)")
            #expect(refusals.elements.count + futures.elements.count == 1)
            let ending = futures.elements.first?.ending ?? "refused"
            #expect((reports.elements.first ?? []).isEmpty == (ending != "shutDown"), "\(schedule)")
            expectEmpty(pool)
            endings.insert(ending)
        }
        #expect(endings == (mode == .finishPending ? ["refused", "value"] : ["refused", "value", "shutDown"]))
    }

    @Test("dropOldest and start: the oldest runs or is dropped, the new one always runs", arguments: Lane.allCases)
    func dropOldestAndStart(lane: Lane) throws {
        var endings: Set<String> = []
        try explore(lane) { schedule in
            let pool = try DeterministicPool(queueLimit: 1, whenFull: .dropOldest, schedule: schedule)
            let (ran, second) = (Record<Int>(), Record<Future<Void>>())
            let first = try lane.submit(to: pool.pool) { ran.append(1) }
            pool.atAnyTime("submit") { second.append(try lane.submit(to: pool.pool) { ran.append(2) }) }
            try pool.runUntilIdle()
            #expect(first.ending == (ran.elements.contains(1) ? "value" : "dropped"), "\(schedule)")
            #expect(second.elements.map(\.ending) == ["value"], "\(schedule)")
            #expect(ran.elements.filter { $0 == 2 }.count == 1, "\(schedule)")
            expectEmpty(pool)
            endings.insert(first.ending)
        }
        #expect(endings == ["value", "dropped"])
    }

    @Test(
        "Law 6, OB10, CF19: whenComplete and complete: called once, with the outcome, and the job's context is gone",
        arguments: Lane.allCases
    )
    func whenCompleteAndComplete(lane: Lane) throws {
        try explore(lane) { schedule in
            let (pool, seen) = (try DeterministicPool(schedule: schedule), Record<String>())
            let job = try RequestContext.withCurrent(.make(pool.pool)) { try lane.submit(to: pool.pool) { 1 } }
            pool.atAnyTime("whenComplete") {
                job.whenComplete { outcome in
                    seen.append("\(try outcome.get()) \(RequestContext.current == nil) \(job.isFinished)")
                }
            }
            try pool.runUntilIdle()
            #expect(seen.elements == ["1 true true"], "\(schedule)")
            expectEmpty(pool)
        }
    }

    @Test(
        "SR3: the cancellation of a step and its source: the source has its value in any case",
        arguments: Lane.allCases
    )
    func stepCancelAndSource(lane: Lane) throws {
        var endings: Set<String> = []
        try Schedule.all { schedule in
            let (pool, ran) = (try DeterministicPool(schedule: schedule), Record<Int>())
            let job = try lane.submit(to: pool.pool) { 1 }
            let step = job.map { ran.append($0) }
            pool.atAnyTime("cancel") { step.cancel() }
            try pool.runUntilIdle()
            #expect(job.ending == "value", "\(schedule)")
            #expect(step.ending == (ran.elements.isEmpty ? "CancellationError" : "value"), "\(schedule)")
            expectEmpty(pool)
            endings.insert(step.ending)
        }
        #expect(endings == ["value", "CancellationError"])
    }

    @Test("Law 12, OB7: jobs that wait for jobs of their own full pool all end", arguments: [1, 2])
    func waitingInside(workers: Int) throws {
        try Schedule.seeds(1...300) { schedule in
            let pool = try DeterministicPool(workers: workers, schedule: schedule)
            let jobs = try (1...2)
                .map { number in
                    try pool.pool.submit { try pool.pool.submit { number }.wait() }
                }
            try pool.runUntilIdle()
            #expect(jobs.map(\.ending) == ["value", "value"], "\(schedule)")
            #expect(pool.waiting.isEmpty)
            expectEmpty(pool)
        }
    }

    @Test("Law 12: two jobs that wait for each other: one of them is told, and both end")
    func waitingForEachOther() throws {
        try Schedule.seeds(1...200) { schedule in
            let pool = try DeterministicPool(workers: 2, schedule: schedule)
            let (first, second) = (Record<Future<Int>>(), Record<Future<Int>>())
            // Submitted by one who pauses in between, so that the first may have begun without the second.
            let wait: @Sendable (Record<Future<Int>>) throws -> Int = { other in
                while other.elements.isEmpty { pool.pause() }
                return try other.elements[0].wait()
            }
            first.append(try pool.pool.submit { try wait(second) })
            second.append(try pool.pool.submit { try wait(first) })
            try pool.runUntilIdle()
            let endings = (first.elements + second.elements).map(\.ending)
            #expect(endings.contains("wouldDeadlock"), "\(schedule)")
            expectEmpty(pool)
        }
    }

    @Test(
        "Law 1, Law 2: two requests' jobs on two workers see their own user in every interleaving",
        arguments: Lane.allCases
    )
    func twoRequests(lane: Lane) throws {
        try Schedule.seeds(1...300) { schedule in
            let pool = try DeterministicPool(workers: 2, schedule: schedule)
            let seen = Record<String>()
            for user in ["ann", "bob"] {
                pool.atAnyTime(user) {
                    let request = RequestContext.make(pool.pool, user: user)
                    try RequestContext.withCurrent(request) {
                        _ = try lane.submit(to: pool.pool) {
                            let before = try RequestContext.require().g.user
                            pool.pause()
                            try seen.append("\(user): \(before), \(RequestContext.require().g.user)")
                        }
                    }
                    pool.pause()
                    request.g.user = "nobody any more"
                    request.tearDown()
                }
            }
            try pool.runUntilIdle()
            #expect(Set(seen.elements) == ["ann: ann, ann", "bob: bob, bob"], "\(schedule)")
            expectEmpty(pool)
        }
    }

    /// All of them for a plain closure; an async one has so many that a walk at random must do.
    private func explore(_ lane: Lane, _ program: (Schedule) throws -> Void) throws {
        switch lane {
        case .closure: try Schedule.all(atMost: 20_000, program)
        case .async: try Schedule.seeds(1...400, program)
        }
    }

    private func expectEmpty(_ pool: DeterministicPool, _ location: SourceLocation = #_sourceLocation) {
        #expect(pool.pool.unfinishedJobs == 0, "\(pool.schedule)", sourceLocation: location)
        #expect(pool.pool.waitingJobs == 0, "\(pool.schedule)", sourceLocation: location)
    }
}
