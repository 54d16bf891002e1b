import TestSupport
import Testing

@testable import ContextPool

/// What is made of futures goes by the time of the code that made it, whatever it waits for.
@Suite("Deadlines of steps", .timeLimit(.minutes(1)))
struct FutureDeadlineTests {
    enum Kind: CaseIterable {
        case map, flatMap, recover, all, first, race

        func derive(from source: Future<Int>) -> any Promise {
            switch self {
            case .map: source.map { $0 }
            case .flatMap: source.flatMap { .completed(.success($0)) }
            case .recover: source.recover { _ in 0 }
            case .all: Future.all([source])
            case .first: Future.first(of: [source])
            case .race: Future.race(of: [source])
            }
        }
    }

    private let time = ManualClock()

    private func code(_ promise: any Promise) -> ContextPoolError.Code? { (promise.error as? ContextPoolError)?.code }

    @Test(
        "Law 11: what waits for its source ends when the time is up, and leaves the source alone",
        arguments: Kind.allCases,
        [true, false]
    )
    func waitingForTheSource(kind: Kind, hasRequest: Bool) async throws {
        let pool = try time.makePool(workers: 1)
        let source = time.promise(of: Int.self)
        let submit = { try pool.submit(within: .seconds(1)) { kind.derive(from: source) } }
        let request = RequestContext.make(pool: pool)
        let job = hasRequest ? try RequestContext.withCurrent(request, submit) : try submit()
        let derived = try await job.boundedValue
        time.advance(by: .milliseconds(500))
        #expect(!derived.isFinished)
        time.advance(by: .seconds(1))
        #expect(code(derived) == .deadlinePassed)
        #expect(!source.isFinished, "others may want its value")
        #expect(source.observerCount == 0)
        #expect(time.alarms.isEmpty)
        #expect(request.currentLife?.count ?? 0 == 0)
    }

    @Test("Law 11: a step that waits for a worker ends when the time is up, and its place is free")
    func waitingForAWorker() async throws {
        let pool = try time.makePool(workers: 1)
        let source = Future<Int>.promise(home: pool.home)
        let step = try await pool.submit(within: .seconds(1)) { source.map { $0 } }.boundedValue
        let plug = try await Plug(pool)
        source.complete(.success(1))
        #expect(pool.waitingJobs == 1)
        time.advance(by: .seconds(2))
        #expect(code(step) == .deadlinePassed)
        #expect(pool.waitingJobs == 0)
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("Law 11: a flatMap that waits for its second future ends when the time is up, and leaves that one alone")
    func waitingForTheSecond() async throws {
        let pool = try time.makePool(workers: 1)
        let second = time.promise(of: Int.self)
        let outer = try await pool.submit(within: .seconds(1)) { try pool.submit {}.flatMap { second } }.boundedValue
        await eventually { second.observerCount == 1 }
        time.advance(by: .seconds(2))
        #expect(code(outer) == .deadlinePassed)
        let text = (outer.error as? ContextPoolError)?.description ?? ""
        #expect(text.contains("FutureDeadlineTests.swift:"))
        #expect(text.contains("what its future waits for is not complete"))
        #expect(!text.contains("had not begun"), "its first part has run")
        #expect(!second.isFinished)
        #expect(second.observerCount == 0)
        #expect(time.alarms.isEmpty)
    }

    @Test("Law 11: a flatMap whose request ends while it waits for its second future says so")
    func waitingForTheSecondWithoutAClient() async throws {
        let pool = try time.makePool(workers: 1)
        let second = time.promise(of: Int.self)
        let request = RequestContext.make(pool: pool)
        let outer = try RequestContext.withCurrent(request) { try pool.submit {}.flatMap { second } }
        await eventually { second.observerCount == 1 }
        request.cancel()
        #expect(code(outer) == .requestCancelled)
        let text = (outer.error as? ContextPoolError)?.description ?? ""
        #expect(text.contains("is not waited for any more"))
        #expect(!text.contains("the job will not run"))
        #expect(!second.isFinished)
    }

    @Test("Law 11: a step that runs when its time is up is told")
    func runningStepsAreTold() async throws {
        let pool = try time.makePool(workers: 1)
        let (runs, isUp) = (Gate(), Gate())
        let source = Future<Int>.promise(home: pool.home)
        let step =
            try await pool.submit(within: .seconds(1)) {
                source.map { _ in
                    let before = CurrentJob.isCancelled
                    runs.open()
                    isUp.wait()
                    return [before, CurrentJob.isCancelled]
                }
            }
            .boundedValue
        source.complete(.success(1))
        await runs.opened()
        time.advance(by: .seconds(2))
        isUp.open()
        #expect(try await step.boundedValue == [false, true])
    }

    @Test("a step that no pool is left to run does not run either when the time of its request is up")
    func withoutAPool() async throws {
        let source = time.promise(of: Int.self)
        let pool = try time.makePool(workers: 1)
        let request = RequestContext(app: AppContext(name: "test", pool: pool), within: .seconds(1))
        let step = RequestContext.withCurrent(request) { source.map { $0 } }
        time.advance(by: .seconds(2))
        source.complete(.success(1))
        #expect(await step.settled.poolErrorCode == .deadlinePassed)
    }

    @Test("what is added when the time is up ends at once", arguments: Kind.allCases)
    func addedTooLate(kind: Kind) async throws {
        let pool = try time.makePool(workers: 1)
        let source = time.promise(of: Int.self)
        let derived =
            try await pool.submit(within: .seconds(1)) { [time] in
                time.advance(by: .seconds(2))
                return kind.derive(from: source)
            }
            .boundedValue
        #expect(code(derived) == .deadlinePassed)
        #expect(source.observerCount == 0)
        let request = RequestContext(app: AppContext(name: "test", pool: pool), within: .seconds(1))
        time.advance(by: .seconds(2))
        #expect(code(RequestContext.withCurrent(request) { kind.derive(from: source) }) == .deadlinePassed)
        #expect(source.observerCount == 0)
    }

    @Test("what has its value in time leaves nothing behind", arguments: Kind.allCases)
    func inTime(kind: Kind) async throws {
        let pool = try time.makePool(workers: 1)
        let source = Future<Int>.promise(home: pool.home)
        let request = RequestContext.make(pool: pool)
        let derived =
            try await RequestContext.withCurrent(request) {
                try pool.submit(within: .seconds(1)) { kind.derive(from: source) }
            }
            .boundedValue
        source.complete(.success(1))
        await eventually { [time] in derived.isFinished && time.alarms.isEmpty && request.currentLife?.count == 0 }
        #expect(derived.error == nil)
    }

    @Test("what follows a detached job has as much time as that", arguments: Kind.allCases)
    func detached(kind: Kind) async throws {
        let pool = try time.makePool(workers: 2)
        let release = Gate()
        let source = try pool.submit(.detached) {
            release.wait()
            return 1
        }
        let derived = try await pool.submit(within: .seconds(1)) { kind.derive(from: source) }.boundedValue
        time.advance(by: .seconds(2))
        #expect(!derived.isFinished)
        release.open()
        await eventually { derived.isFinished }
        #expect(derived.error == nil)
    }

    @Test(
        "Law 11: what waits for its source ends with its request, and leaves the source alone",
        arguments: Kind.allCases
    )
    func cancelledRequests(kind: Kind) async throws {
        let pool = try time.makePool(workers: 1)
        let (source, request) = (Future<Int>.promise(home: pool.home), RequestContext.make(pool: pool))
        let derived = RequestContext.withCurrent(request) { kind.derive(from: source) }
        request.cancel()
        #expect(code(derived) == .requestCancelled)
        #expect(!source.isFinished)
        #expect(source.observerCount == 0)
        let late = RequestContext.withCurrent(request) { kind.derive(from: source) }
        #expect(code(late) == .requestCancelled)
    }
}
