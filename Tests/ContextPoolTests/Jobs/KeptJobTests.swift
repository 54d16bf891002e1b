import TestSupport
import Testing

@testable import ContextPool

@Suite("Named jobs", .timeLimit(.minutes(1)))
struct KeptJobTests {
    @Test("a named job is found by its id, from submit on and after its end", arguments: Lane.allCases)
    func namedJobsAreFound(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let (runs, mayEnd) = (Gate(), Gate())
        let line = SourceSite().line + 1
        let job = try lane.submit(to: pool, named: "report") {
            CurrentJob.report(0.25, "a quarter")
            runs.open()
            mayEnd.wait()
            return 7
        }
        let found = try #require(pool.job(job.id))
        #expect(found === job.kept)
        #expect([found.name, found.site.description] == ["report", SourceSite(line: line).description])
        #expect(found.status.state == .queued)
        #expect(found.status.progress == JobProgress(fraction: 0, message: ""))
        plug.release.open()
        await runs.opened()
        #expect(found.status.state == .running)
        #expect(found.status.progress == JobProgress(fraction: 0.25, message: "a quarter"))
        #expect(!found.status.isFinal)
        mayEnd.open()
        #expect(try await job.future.boundedValue == 7)
        #expect(found.status.state == .succeeded)
        #expect(try found.status.result?.get() as? Int == 7)
        #expect(found.status.progress == JobProgress(fraction: 1, message: "a quarter"))
        #expect(pool.job(job.id) === found)
    }

    @Test("a named job is a job: it has the context of its request, and its name shows", arguments: Lane.allCases)
    func namedJobsHaveTheirContext(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool, user: "ann")
        let job = try RequestContext.withCurrent(request) {
            try lane.submit(to: pool, named: "report") {
                "\(RequestContext.current?.g.user ?? "nobody") \(CurrentJob.info?.name ?? "none")"
            }
        }
        #expect(try await job.future.boundedValue == "ann report")
    }

    @Test("an error is the result, and the progress stays where it was", arguments: Lane.allCases)
    func errorsAreResults(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let job = try lane.submit(to: pool, named: "report") {
            CurrentJob.report(0.5)
            throw Broken()
        }
        #expect(await job.future.settled.error as? Broken == Broken())
        let status = try #require(pool.job(job.id)).status
        #expect(status.state == .failed)
        #expect(status.result?.error as? Broken == Broken())
        #expect(status.progress.fraction == 0.5)
    }

    @Test("a body finds itself; outside of a named job there is none, and reporting does nothing")
    func bodiesFindThemselves() async throws {
        let pool = try ContextPool(workers: 1)
        for lane in Lane.allCases {
            let job = try lane.submit(to: pool, named: "report") { pool.job(try #require(CurrentJob.kept?.id)) }
            #expect(try await job.future.boundedValue === job.kept)
            #expect(try await lane.submit(to: pool) { CurrentJob.kept }.boundedValue == nil)
        }
        CurrentJob.report(1, "nobody hears this")
        #expect(CurrentJob.kept == nil)
    }

    @Test("a fraction is between 0 and 1 whatever is reported, and a message stays until there is another")
    func fractionsAreClamped() async throws {
        let pool = try ContextPool(workers: 1)
        let job = try pool.submit(named: "report", keptFor: .seconds(1)) {
            let reports: [(Double, String?)] = [
                (0.5, "half"), (.nan, nil), (-3, nil), (.infinity, nil), (0.25, ""), (.nan, "no number"),
                (-.infinity, nil),
            ]
            return reports.map { fraction, message in
                CurrentJob.report(fraction, message)
                return CurrentJob.kept?.status.progress
            }
        }
        let expected: [(Double, String)] = [
            (0.5, "half"), (0.5, "half"), (0, "half"), (1, "half"), (0.25, ""), (0.25, "no number"), (0, "no number"),
        ]
        #expect(try await job.future.boundedValue == expected.map { JobProgress(fraction: $0.0, message: $0.1) })
    }

    @Test("Law 6: what a named job's worker runs while it waits is another job, and reports nothing for it")
    func otherJobsAreOthers() async throws {
        let pool = try ContextPool(workers: 1)
        let job = try pool.submit(named: "outer", keptFor: .seconds(1)) {
            let plain = try pool.submit {
                CurrentJob.report(0.9, "plain")
                return CurrentJob.kept == nil
            }
            let named = try pool.submit(named: "inner", keptFor: .seconds(1)) {
                CurrentJob.report(0.1, "inner")
                return CurrentJob.kept?.name
            }
            let seen = (try plain.wait(timeout: patience), try named.future.wait(timeout: patience))
            return (seen, named.kept.status.progress.message, CurrentJob.kept?.status.progress.message)
        }
        let (seen, inner, outer) = try await job.future.boundedValue
        #expect(seen.0 && seen.1 == "inner")
        #expect(inner == "inner")
        #expect(outer == "")
    }

    @Test("Law 6: a task that a named job submits has its task-locals, and is another job all the same")
    func submittedTasksAreOthers() async throws {
        let (pool, other) = (try ContextPool(workers: 1), try ContextPool(workers: 1))
        // The same number as that of the job in the other pool.
        let job = try pool.submit(named: "outer", keptFor: .seconds(1)) { () async throws -> [Bool] in
            var isNone: [Bool] = []
            for pool in [pool, other] {
                isNone.append(try await pool.submit { () async throws -> Bool in CurrentJob.kept == nil }.value)
            }
            return isNone + [await Task { CurrentJob.kept != nil }.value]
        }
        #expect(try await job.future.boundedValue == [true, true, true])
    }

    @Test("jobs that a named job has submitted may report for it")
    func helpersMayReport() async throws {
        let pool = try ContextPool(workers: 2)
        let job = try pool.submit(named: "report", keptFor: .seconds(1)) {
            let kept = CurrentJob.kept
            try pool.submit { kept?.report(0.75, "the helper") }.wait(timeout: patience)
            return kept?.status.progress
        }
        #expect(try await job.future.boundedValue == JobProgress(fraction: 0.75, message: "the helper"))
        job.kept.report(0.1, "too late")
        #expect(job.kept.status.progress == JobProgress(fraction: 1, message: "the helper"))
    }

    @Test("Law 10: whoever finds a job cancels it while it waits, and tells it while it runs", arguments: Lane.allCases)
    func foundJobsAreCancelled(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let (runs, wasToldOff) = (Gate(), Gate())
        let running = try lane.submit(to: pool, named: "running") {
            runs.open()
            wasToldOff.wait()
            try CurrentJob.checkCancellation()
        }
        await runs.opened()
        let waiting = try lane.submit(to: pool, named: "waiting") {}
        #expect(pool.job(waiting.id)?.cancel() == true)
        #expect(waiting.kept.status.state == .cancelled)
        #expect(waiting.kept.status.result?.error is CancellationError)
        #expect(waiting.kept.cancel(), "its body never has run")
        #expect(pool.job(running.id)?.cancel() == false)
        wasToldOff.open()
        #expect(await running.future.settled.error is CancellationError)
        #expect(running.kept.status.state == .failed)
        #expect(!running.kept.cancel())
    }

    @Test("Law 9: a job that is refused cannot be found")
    func refusedJobsAreNone() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1)
        let plug = try await Plug(pool)
        try pool.submit {}
        for lane in Lane.allCases {
            #expect(throws: ContextPoolError.queueFull(pool: "pool", limit: 1)) {
                try lane.submit(to: pool, named: "report") {}
            }
        }
        #expect(pool.keptJobs.count == 0)
        plug.release.open()
        await pool.shutDown(within: patience)
        #expect(throws: ContextPoolError.shutDown(pool: "pool")) { try pool.submit(named: "r", keptFor: .zero) {} }
        #expect(pool.keptJobs.count == 0)
    }

    @Test("Law 9: one that a full queue has its caller run is complete when submit returns")
    func callersMayRunIt() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .callerRuns)
        let plug = try await Plug(pool)
        try pool.submit {}
        let status = try await onThread {
            Result {
                let job = try pool.submit(named: "report", keptFor: .seconds(9)) { CurrentJob.report(0.5, "here") }
                return job.kept.status
            }
        }
        .get()
        #expect(status.state == .succeeded)
        #expect(status.progress.message == "here")
        plug.release.open()
    }

    @Test("Law 11: when its client leaves, a named job ends like any other")
    func cancelledRequestsStopNamedJobs() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let request = RequestContext.make(pool: pool)
        let (bound, detached) = try RequestContext.withCurrent(request) {
            (
                try pool.submit(named: "bound", keptFor: .seconds(9)) {},
                try pool.submit(.detached, named: "detached", keptFor: .seconds(9)) {}
            )
        }
        request.cancel()
        #expect(bound.kept.status.state == .cancelled)
        #expect((bound.kept.status.result?.error as? ContextPoolError)?.code == .requestCancelled)
        plug.release.open()
        try await detached.future.boundedValue
        #expect(detached.kept.status.state == .succeeded)
    }

    @Test("a named job whose worker dies has failed, and says why")
    func deadWorkersShow() async throws {
        let pool = try ContextPool(workers: 1)
        let job = try pool.submit(named: "doomed", keptFor: .seconds(9)) { exitThread() }
        #expect(await job.future.settled.poolErrorCode == .workerDied)
        #expect(job.kept.status.state == .failed)
    }

    @Test("after its end a kept job keeps the result, and neither body nor context", arguments: Lane.allCases)
    func onlyTheResultIsKept(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let (bodyDied, contextDied, resultDied) = (Gate(), Gate(), Gate())
        let id = try await {
            let mortal = Mortal(bodyDied)
            let request = RequestContext.make(pool: pool)
            request.g.mortal = Mortal(contextDied)
            let job = try RequestContext.withCurrent(request) {
                try lane.submit(to: pool, named: "report") {
                    withExtendedLifetime(mortal) {}
                    return Mortal(resultDied)
                }
            }
            _ = try await job.future.boundedValue
            request.tearDown()
            return job.id
        }()
        await bodyDied.opened()
        await contextDied.opened()
        #expect(!resultDied.isOpen)
        #expect(pool.job(id)?.status.state == .succeeded)
        pool.keptJobs.drop(id)
        await resultDied.opened()
    }

    @Test("whoever has seen the future complete finds the job complete", arguments: Lane.allCases)
    func statusAndFutureAgree(lane: Lane) async throws {
        let pool = try ContextPool(workers: 2)
        for _ in 0..<300 {
            let job = try lane.submit(to: pool, named: "report") {}
            await eventually { job.future.isFinished }
            #expect(job.kept.status.state == .succeeded)
        }
    }

    @Test("a job is found by its owner, and by nobody else")
    func ownersFindTheirJobs() async throws {
        let pool = try ContextPool(workers: 1)
        let anns = try pool.submit(named: "report", keptFor: .seconds(9), ownedBy: "ann") {}
        let nobodys = try pool.submit(named: "report", keptFor: .seconds(9)) { () async throws in }
        #expect(pool.job(anns.id.description, ownedBy: "ann") === anns.kept)
        #expect(pool.job(anns.id.description, ownedBy: "ben") == nil)
        #expect(pool.job(anns.id.description, ownedBy: nil) == nil)
        #expect(pool.job(nobodys.id.description, ownedBy: nil) === nobodys.kept)
        #expect(pool.job(nobodys.id.description, ownedBy: "ann") == nil)
        #expect(pool.job("1", ownedBy: nil) == nil)
        #expect(pool.job(JobID()) == nil)
        #expect(anns.kept.owner == "ann")
    }
}

extension Lane {
    /// A named job of either lane, kept for longer than any test takes.
    func submit<Value: Sendable>(
        to pool: ContextPool,
        named name: String,
        line: Int = #line,
        file: String = #fileID,
        _ body: @escaping @Sendable () throws -> Value
    ) throws(ContextPoolError) -> NamedJob<Value> {
        switch self {
        case .closure: try pool.submit(named: name, keptFor: .seconds(600), file: file, line: line) { try body() }
        case .async:
            try pool.submit(named: name, keptFor: .seconds(600), file: file, line: line) { () async throws -> Value in
                await Task.yield()
                return try body()
            }
        }
    }
}
