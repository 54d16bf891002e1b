import TestSupport
import Testing

@testable import ContextPool

@Suite("ContextPoolObserver", .timeLimit(.minutes(1)))
struct ContextPoolObserverTests {
    private let observer = Recorder()

    @Test("it hears of a job's submission, its body in its context, and its run, before the future completes")
    func jobsThatRun() async throws {
        let pool = try ContextPool(workers: 1, observer: observer)
        let request = RequestContext.make(pool: pool, user: "ann")
        try await RequestContext.withCurrent(request) { try pool.submit(named: "one") {} }.boundedValue
        #expect(Set(observer.events) == ["submitted one", "around one for ann", "ran one"])
        let failing = try pool.submit(named: "two") { () async throws -> Void in throw Broken() }
        #expect(await failing.settled.error is Broken)
        // It may have failed before anybody asked.
        let runs = observer.events.filter { !$0.hasPrefix("submitted") && !$0.hasPrefix("unasked") }
        #expect(runs.suffix(2) == ["around two for nobody", "ran two \(Broken())"])
        #expect(observer.runs.elements.map { $0.error is Broken } == [false, true])
    }

    @Test("it hears of jobs that never ran, with the reason, and of refusals")
    func jobsThatDoNotRun() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 3, observer: observer)
        let plug = try await Plug(pool)
        let request = RequestContext.make(pool: pool)
        let cancelled = try pool.submit(named: "cancelled") {}
        _ = try RequestContext.withCurrent(request) { try pool.submit(named: "left") { () async throws -> Void in } }
        try pool.submit(named: "closed") {}
        #expect(throws: ContextPoolError.self) { try pool.submit(named: "too many") {} }
        cancelled.cancel()
        request.cancel()
        plug.release.open()
        await pool.shutDown(.cancelPending, within: patience)
        let events = Set(observer.events)
        #expect(events.isSuperset(of: ["refused too many queueFull", "never ran cancelled CancellationError"]))
        #expect(events.contains("never ran left requestCancelled"))
        #expect(events.contains("never ran closed shutDown") || events.contains("ran closed"))
    }

    @Test("it measures waiting, running and the processor: an async job's over all its parts", arguments: Lane.allCases)
    func measures(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, observer: observer)
        let plug = try await Plug(pool)
        let work = { @Sendable in
            var sum = 0
            for number in 0..<200_000 { sum &+= number &* number }
            return sum
        }
        let future: Future<Int> =
            switch lane {
            case .closure: try pool.submit { work() &+ work() }
            case .async:
                try pool.submit { () async throws -> Int in
                    let first = work()
                    await Task.yield()
                    return first &+ work()
                }
            }
        plug.release.open()
        _ = try await future.boundedValue
        let run = try #require(observer.runs.elements.last)
        #expect(run.waited > .zero)
        #expect(run.took > .zero)
        // A debug build takes milliseconds for this; what counts is that neither half is lost.
        #expect(run.processorTime > .microseconds(200))
    }

    @Test("one that wants no times gets none, and everything else", arguments: Lane.allCases)
    func timeless(lane: Lane) async throws {
        struct Timeless: ContextPoolObserver {
            let runs = Record<JobRun>()
            var measuresJobs: Bool { false }
            func jobRan(_ job: JobInfo, _ run: JobRun) { runs.append(run) }
            func jobNeverRan(_ job: JobInfo, _ reason: any Error, waited: Duration) {
                runs.append(JobRun(waited: waited, took: .zero, processorTime: .zero, error: reason))
            }
        }
        let observer = Timeless()
        let pool = try ContextPool(workers: 1, observer: observer)
        let plug = try await Plug(pool)
        let failing = try lane.submit(to: pool) { throw Broken() }
        try lane.submit(to: pool) {}.cancel()
        plug.release.open()
        _ = await failing.settled
        await pool.shutDown(within: patience)
        let runs = observer.runs.elements
        #expect(runs.count == 3)
        #expect(runs.contains { $0.error is Broken } && runs.contains { $0.error is CancellationError })
        #expect(runs.allSatisfy { $0.waited == .zero && $0.took == .zero && $0.processorTime == .zero })
    }

    @Test("a job's info names its place in the source, and has the values of its request")
    func info() async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool, user: "ann")
        let info =
            try await RequestContext.withCurrent(request) {
                try pool.submit(priority: .high, named: "report") { try #require(CurrentJob.info) }
            }
            .boundedValue
        #expect(info.description.hasPrefix("report, submitted at ContextPoolTests/ContextPoolObserverTests.swift:"))
        #expect(info.priority == .high)
        #expect(info.values.user == "ann")
        #expect(CurrentJob.info == nil)
        #expect(try await pool.submit { () async throws -> UInt64? in CurrentJob.info?.id }.boundedValue == info.id + 1)
        let step = try await pool.submit {}.map { try #require(CurrentJob.info) }.boundedValue
        #expect(step.id > info.id + 2, "it has a number of its own")
        #expect(step.site.file == "ContextPoolTests/ContextPoolObserverTests.swift")
    }

    @Test("a step is a job from when it can run: its body, its time and its error are heard of, and that it never ran")
    func steps() async throws {
        let pool = try ContextPool(workers: 1, observer: observer)
        let source = Future<Int>.promise(home: pool.home)
        let request = RequestContext.make(pool: pool, user: "ann")
        let (runs, passes, waits) = RequestContext.withCurrent(request) {
            (source.map { _ in throw Broken() }, source.recover { _ in 0 }, source.map { _ in })
        }
        #expect(observer.events.isEmpty)
        let plug = try await Plug(pool)
        source.complete(.success(1))
        waits.cancel()
        plug.release.open()
        #expect(await runs.settled.error is Broken)
        _ = await passes.settled
        await pool.shutDown(within: patience)
        let events = observer.events.filter { !$0.hasPrefix("una") }
        #expect(events.filter { $0.hasPrefix("submitted") }.count == 3)
        #expect(events.filter { $0.hasPrefix("never ran") } == ["never ran a job CancellationError"])
        #expect(events.suffix(2) == ["around a job for ann", "ran a job \(Broken())"])
        let run = try #require(observer.runs.elements.last)
        #expect(run.waited > .zero && run.waited < .seconds(3600))
        #expect(run.took > .zero && run.processorTime > .zero)
    }

    @Test("a step whose worker died has run, and no longer than since it could")
    func dyingSteps() async throws {
        let pool = try ContextPool(workers: 1, observer: observer)
        let step = try pool.submit(named: "source") {}.map { exitThread() }
        #expect(await step.settled.poolErrorCode == .workerDied)
        await pool.shutDown(within: patience)
        #expect(observer.runs.elements.count == 2)
        #expect(observer.runs.elements.allSatisfy { $0.took < .seconds(3600) })
    }

    @Test("the observer hears of a job whose worker died")
    func theDeathOfAJobIsObserved() async throws {
        let recorder = Recorder()
        let pool = try ContextPool(workers: 1, observer: recorder)
        _ = await (try pool.submit(named: "doomed") { exitThread() }).settled
        await pool.shutDown(within: patience)
        #expect(recorder.events.contains { $0.hasPrefix("ran doomed") || $0.hasPrefix("never ran doomed") })
    }
}
