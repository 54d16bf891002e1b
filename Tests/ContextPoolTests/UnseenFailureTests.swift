import TestSupport
import Testing

@testable import ContextPool

/// Whether anybody looks at what went wrong, and who is told where nobody does.
@Suite("Failures that nobody sees", .timeLimit(.minutes(1)))
struct UnseenFailureTests {
    private let observer = Recorder()

    private func fail(_ lane: Lane, on pool: ContextPool, named name: String) throws -> Future<Void> {
        switch lane {
        case .closure: try pool.submit(named: name) { throw Broken() }
        case .async: try pool.submit(named: name) { () async throws -> Void in throw Broken() }
        }
    }

    private var unseen: [String] { observer.events.filter { $0.hasPrefix("unseen") } }

    @Test("the observer hears of one once, when its future is let go, without a context", arguments: Lane.allCases)
    func droppedFutures(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, observer: observer)
        let request = RequestContext.make(pool: pool, user: "ann")
        try await RequestContext.withCurrent(request) {
            var future: Future<Void>? = try fail(lane, on: pool, named: "lost")
            await eventually { [future] in future?.isFinished == true }
            // To know that it failed is not to know why.
            #expect(future?.state == .failed)
            #expect(unseen.isEmpty)
            future = nil
            await eventually { unseen == ["unseen lost for nobody"] }
        }
        await pool.shutDown(within: patience)
        #expect(unseen.count == 1)
    }

    @Test("a future that is dropped before its job runs is seen by nobody either", arguments: Lane.allCases)
    func droppedBefore(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, observer: observer)
        let plug = try await Plug(pool)
        _ = try fail(lane, on: pool, named: "lost")
        plug.release.open()
        await eventually { unseen == ["unseen lost for nobody"] }
    }

    @Test("whoever asks sees it, before it fails or after: nothing is reported", arguments: Lane.allCases)
    func seenFailures(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, observer: observer)
        for isEarly in [true, false] {
            let plug = try await Plug(pool)
            let futures = try (0..<3).map { try fail(lane, on: pool, named: "\($0)") }
            if isEarly { futures[1].whenComplete { _ in } }
            plug.release.open()
            #expect(await futures[0].settled.error is Broken)
            await eventually { futures.allSatisfy(\.isFinished) }
            if !isEarly { futures[1].whenComplete { _ in } }
            #expect(await futures[2].result.error is Broken)
        }
        await pool.shutDown(within: patience)
        #expect(unseen.isEmpty)
    }

    @Test("a step takes the failure over, and is the one that nobody sees", arguments: [true, false])
    func steps(passes: Bool) async throws {
        let pool = try ContextPool(workers: 1, observer: observer)
        let source = passes ? try fail(.closure, on: pool, named: "source") : try pool.submit(named: "source") {}
        source.map { throw Broken(reason: "in the step") }
        await eventually { unseen == ["unseen a job for nobody"] }
    }

    @Test("a flatMap takes the failure of its second future over, in a request and without", arguments: [true, false])
    func flatMaps(hasRequest: Bool) async throws {
        let pool = try ContextPool(workers: 1, observer: observer)
        let second = Future<Int>.promise(home: pool.home)
        let derive = { _ = try pool.submit {}.flatMap { second } }
        if hasRequest { try RequestContext.withCurrent(.make(pool: pool), derive) } else { try derive() }
        await eventually { second.observerCount == 1 }
        second.complete(.failure(Broken()))
        await eventually { unseen == ["unseen none for nobody"] }
    }

    @Test(
        "a flatMap that ends with its request, or because its time is up, has not failed either",
        arguments: [true, false]
    )
    func endedFlatMaps(byRequest: Bool) async throws {
        let time = ManualClock()
        let queue = JobQueue(pool: "pool", limit: 9, workers: 1, clock: time.clock, observer: observer)
        let pool = ContextPool(name: "pool", queue: queue, workers: 1)
        try Worker.start(name: "pool-1", number: 0, queue: queue, prepare: nil, canary: pool.canary)
        let (second, request) = (Future<Int>.promise(home: pool.home), RequestContext.make(pool: pool))
        try RequestContext.withCurrent(request) {
            _ = try pool.submit(within: .seconds(1)) { _ = try pool.submit {}.flatMap { second } }
        }
        await eventually { second.observerCount == 1 }
        if byRequest { request.cancel() } else { time.advance(by: .seconds(2)) }
        await eventually { second.observerCount == 0 }
        await pool.shutDown(within: patience)
        #expect(observer.events.filter { $0.hasPrefix("una") || $0.hasPrefix("unseen") } == [])
    }

    @Test(
        "a kept job's failure is seen by whoever reads its end; otherwise it is reported when nothing is kept any more"
    )
    func keptJobs() async throws {
        let time = ManualClock()
        let queue = JobQueue(pool: "pool", limit: 9, workers: 1, clock: time.clock, observer: observer)
        let pool = ContextPool(name: "pool", queue: queue, workers: 1)
        try Worker.start(name: "pool-1", number: 0, queue: queue, prepare: nil, canary: pool.canary)
        func submit(_ name: String) throws -> JobID {
            try pool.submit(named: name, keptFor: .seconds(60)) { () throws -> Void in throw Broken() }.id
        }
        let (read, followed, lost) = (try submit("read"), try submit("followed"), try submit("lost"))
        await eventually { pool.unfinishedJobs == 0 }
        #expect(pool.job(read)?.status.state == .failed)
        for await _ in try #require(pool.job(followed)).changes() {}
        await eventually {
            time.advance(by: .seconds(60))
            return pool.keptJobs.count == 0
        }
        #expect(pool.job(lost) == nil)
        #expect(unseen == ["unseen lost for nobody"])
    }

    @Test("what was cancelled, by its future or with its request, has not failed; what was dropped has")
    func neverRan() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 3, whenFull: .dropOldest, observer: observer)
        let plug = try await Plug(pool)
        let request = RequestContext.make(pool: pool)
        _ = try pool.submit(named: "pushed out") {}
        try pool.submit(named: "cancelled") {}.cancel()
        _ = try RequestContext.withCurrent(request) { try pool.submit(named: "left") {} }
        request.cancel()
        for number in 0..<3 { _ = try pool.submit(named: "\(number)") {} }
        plug.release.open()
        await pool.shutDown(within: patience)
        await eventually { unseen == ["unseen pushed out for nobody"] }
    }

    @Test("a deadline that watches a job does not count as somebody who sees its error")
    func deadlines() async throws {
        let pool = try ContextPool(workers: 1, observer: observer)
        _ = try pool.submit(within: .seconds(3600), named: "lost") { throw Broken() }
        await eventually { unseen == ["unseen lost for nobody"] }
    }

    @Test("a future that failed keeps nothing of its job, though nobody has asked for it", arguments: Lane.allCases)
    func memory(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, observer: observer)
        let (dies, request) = (Gate(), RequestContext.make(pool: pool))
        request.g.mortal = Mortal(dies)
        let future = try RequestContext.withCurrent(request) { try fail(lane, on: pool, named: "kept") }
        request.g.mortal = nil
        await dies.opened()
        #expect(future.state == .failed)
        #expect(unseen.isEmpty)
    }
}
