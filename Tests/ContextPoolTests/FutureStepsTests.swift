import TestSupport
import Testing

@testable import ContextPool

@Suite("Steps of futures", .timeLimit(.minutes(1)))
struct FutureStepsTests {
    @Test("map, flatMap and recover make a future of what they return or throw", arguments: Lane.allCases)
    func stepsTransform(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let one = try lane.submit(to: pool) { 1 }
        #expect(try await one.map { $0 + 1 }.boundedValue == 2)
        #expect(try await one.flatMap { value in try lane.submit(to: pool) { value + 2 } }.boundedValue == 3)
        #expect(try await one.recover { _ in 9 }.boundedValue == 1)
        #expect(await one.map { _ in throw Broken(reason: "map") }.settled.error as? Broken == Broken(reason: "map"))
        let refused = one.flatMap { _ -> Future<Int> in throw Broken(reason: "flatMap") }
        #expect(await refused.settled.error as? Broken == Broken(reason: "flatMap"))
        let failing = one.flatMap { _ in try lane.submit(to: pool) { () throws -> Int in throw Broken() } }
        #expect(await failing.settled.error as? Broken == Broken())
        #expect(failing.state == .failed)
    }

    @Test("an error passes through the steps that want a value, and recover gets the original one")
    func errorsPassThrough() async throws {
        let pool = try ContextPool(workers: 1)
        let hasRun = Gate()
        let failing: Future<Int> = try pool.submit { throw Broken(reason: "origin") }
        let passed =
            failing.map { value in
                hasRun.open()
                return value
            }
            .flatMap { value in
                hasRun.open()
                return Future<Int>.completed(.success(value))
            }
        #expect(await passed.settled.error as? Broken == Broken(reason: "origin"))
        let recovered = passed.recover { error in (error as? Broken)?.reason == "origin" ? 7 : 0 }
        #expect(try await recovered.boundedValue == 7)
        let second = passed.recover { _ in throw Broken(reason: "worse") }
        #expect(await second.settled.error as? Broken == Broken(reason: "worse"))
        #expect(!hasRun.isOpen)
    }

    @Test(
        "MP18, MP19, MP20, MP21: each step has the context of the line that added it, however the source completes",
        arguments: ["value before", "error before", "elsewhere", "submitted"]
    )
    func stepsHaveTheirOwnContext(source: String) async throws {
        let pool = try ContextPool(workers: 2, propagators: [.taskLocal(Ambient.$tenant, name: "tenant")])
        let app = AppContext(name: "test", pool: pool)
        @Sendable func within<Result>(_ user: String, _ body: () throws -> Result) rethrows -> Result {
            var values = ContextValues()
            values.user = user
            return try Ambient.$tenant.withValue("tenant of \(user)") {
                try RequestContext.withCurrent(RequestContext(app: app, values: values), body)
            }
        }
        let seen = Record<String>()
        @Sendable func look(_ step: String) {
            seen.append("\(step): \(RequestContext.current?.g.user ?? "none"), \(Ambient.tenant)")
        }
        let future = Future<Int>.promise(home: pool.home)
        if source == "value before" { future.complete(.success(1)) }
        if source == "error before" { future.complete(.failure(Broken())) }
        let first =
            source == "submitted"
            ? try within("submitter") { try pool.submit { look("job") } }
            : within("first") { future.map { _ in look("map") }.recover { _ in look("recover") } }
        let second = within("second") { first.flatMap { pool.home.completed(look("flatMap")) } }
        let third = second.map { look("without") }
        let last = within("last") { third.map { look("last") } }
        if source == "elsewhere" {
            await onThread { within("completer") { future.complete(.success(1)) } }
        }
        try await last.boundedValue
        let begin =
            switch source {
            case "submitted": "job: submitter, tenant of submitter"
            case "error before": "recover: first, tenant of first"
            default: "map: first, tenant of first"
            }
        #expect(
            seen.elements == [
                begin, "flatMap: second, tenant of second", "without: none, no tenant", "last: last, tenant of last",
            ]
        )
    }

    @Test("MP25: two steps after one future have a context each, and a copy each")
    func twoStepsHaveAContextEach() async throws {
        let pool = try ContextPool(workers: 2)
        let plug = try await Plug(pool)
        let request = RequestContext.make(pool: pool)
        let (bothRun, users) = (Turnstile(), Record<[String]>())
        let steps = ["a", "b"]
            .map { user in
                RequestContext.withCurrent(request) {
                    request.g.user = user
                    return plug.future.map {
                        let mine = try RequestContext.require()
                        mine.g.user += "!"
                        bothRun.pass()
                        users.append([user, mine.g.user])
                    }
                }
            }
        plug.release.open()
        await bothRun.reached(2)
        for step in steps { try await step.boundedValue }
        #expect(Set(users.elements) == [["a", "a!"], ["b", "b!"]])
        #expect(request.g.user == "b")
    }

    @Test("MP23: a step after another pool's future runs with our context, and what it did before had none of it")
    func foreignFuturesGetOurContext() async throws {
        let (ours, theirs) = (try ContextPool(workers: 1, name: "ours"), try ContextPool(workers: 1, name: "theirs"))
        let seen = Record<String>()
        @Sendable func look() { seen.append("\(currentThreadName()) \(RequestContext.current?.g.user ?? "none")") }
        let foreign = try theirs.submit { look() }
        try await foreign.boundedValue
        let step = try RequestContext.withCurrent(.make(pool: ours)) {
            try ours.submit {}.flatMap { foreign }.map { look() }
        }
        try await step.boundedValue
        #expect(seen.elements == ["theirs-1 none", "ours-1 ann"])
    }

    @Test(
        "an error that keeps a step from running says where the step was added",
        arguments: ["map", "flatMap", "recover"]
    )
    func stepsSayWhereTheyWereAdded(kind: String) async throws {
        let pool = try ContextPool(workers: 1)
        let (source, request) = (Future<Int>.promise(home: pool.home), RequestContext.make(pool: pool))
        let step = RequestContext.withCurrent(request) {
            switch kind {
            case "map": source.map { $0 }
            case "flatMap": source.flatMap { .completed(.success($0)) }
            default: source.recover { _ in 0 }
            }
        }
        request.cancel()
        let error = try #require(await step.settled.error as? ContextPoolError)
        #expect(error.description.contains("FutureStepsTests.swift:"))
    }

    @Test("a step runs on a worker: not on the thread that adds it, nor on the one that cancels or completes")
    func stepsRunOnWorkers() async throws {
        let pool = try ContextPool(workers: 1, name: "steps")
        let (done, promise) = (Future<Int>.promise(home: pool.home), Future<Int>.promise(home: pool.home))
        done.complete(.success(1))
        let names = try await onThread { () -> Result<[String], any Error> in
            let late = done.map { _ in currentThreadName() }
            let rescued = promise.map { _ in "" }.recover { _ in currentThreadName() }
            promise.cancel()
            return Result { [try late.wait(timeout: patience), try rescued.wait(timeout: patience)] }
        }
        .get()
        #expect(names == ["steps-1", "steps-1"])
    }

    @Test("a full queue does not refuse a step, and finds its place taken by it")
    func fullQueuesTakeSteps() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 2)
        let plug = try await Plug(pool)
        let done = Future<Int>.promise(home: pool.home)
        done.complete(.success(1))
        _ = try pool.submit {}
        let steps = (0..<5).map { number in done.map { $0 + number } }
        #expect(throws: ContextPoolError.queueFull(pool: "pool", limit: 2)) { try pool.submit {} }
        for number in 1...4 { #expect(steps[number].cancel()) }
        #expect(throws: ContextPoolError.queueFull(pool: "pool", limit: 2)) { try pool.submit {} }
        plug.release.open()
        #expect(try await steps[0].boundedValue == 1)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(pool.queue.unfinished == 0)
    }

    @Test("a shutdown that finishes what is pending waits for steps, and the steps of steps", arguments: Lane.allCases)
    func shutDownWaitsForSteps(lane: Lane) async throws {
        let pool = try ContextPool(workers: 2)
        let plug = try await Plug(pool, lane)
        let ran = Turnstile()
        var last: Future<Void> = plug.future
        for _ in 0..<50 { last = last.map { ran.pass() } }
        async let unfinished = pool.shutDown(within: patience).unfinished
        plug.release.open()
        #expect(await unfinished == 0)
        #expect(ran.count == 50)
        #expect(last.state == .succeeded)
    }

    @Test("after the end of the pool a step still runs, with its context, on another thread than its adder's")
    func stepsOutliveThePool() async throws {
        let pool = try ContextPool(workers: 1)
        let future = try pool.submit { 1 }
        #expect(try await future.boundedValue == 1)
        await pool.shutDown(within: patience)
        let (user, isElsewhere) = try await onThread { () -> Result<(String?, Bool), any Error> in
            let here = currentThreadID()
            let step = RequestContext.withCurrent(.make(pool: pool)) {
                future.map { _ in (RequestContext.current?.g.user, currentThreadID() != here) }
            }
            return Result { try step.wait(timeout: patience) }
        }
        .get()
        #expect(user == "ann")
        #expect(isElsewhere)
        #expect(pool.queue.unfinished == 0)
    }

    @Test("a step that waits is refused with cancelPending, like any job that waits")
    func cancelPendingRefusesSteps() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let done = Future<Int>.promise(home: pool.home)
        done.complete(.success(1))
        let (queued, waiting) = (done.map { $0 }, try pool.submit { 1 }.map { $0 })
        async let unfinished = pool.shutDown(.cancelPending, within: patience).unfinished
        #expect(await queued.settled.poolErrorCode == .shutDown)
        #expect(await waiting.settled.poolErrorCode == .shutDown)
        plug.release.open()
        #expect(await unfinished == 0)
    }

    @Test("SR3: cancelling a step ends it at once and leaves its source and its siblings alone")
    func cancellingAStepLeavesTheSource() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let source = try pool.submit { 1 }
        let hasRun = Gate()
        let (cancelled, sibling) = (source.map { _ in hasRun.open() }, source.map { $0 + 1 })
        let dependent = cancelled.map { hasRun.open() }
        #expect(cancelled.cancel())
        #expect(cancelled.cancel())
        #expect([cancelled.state, dependent.state] == [.cancelled, .cancelled])
        #expect(await dependent.settled.error is CancellationError)
        #expect(source.state == .queued)
        plug.release.open()
        #expect(try await sibling.boundedValue == 2)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(!hasRun.isOpen)
        #expect(pool.queue.unfinished == 0)
    }

    @Test("SR3: cancelling a source cancels what was derived from it, at once, though every worker is busy")
    func cancellingASourceCancelsItsSteps() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let source = try pool.submit { 1 }
        let derived = source.map { $0 }.flatMap { Future<Int>.completed(.success($0)) }.map { $0 }
        source.cancel()
        #expect(derived.state == .cancelled)
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("a flatMap that is cancelled while it waits for its second future cancels that one")
    func cancellingAFlatMapReachesTheSecond() async throws {
        let pool = try ContextPool(workers: 2)
        let plug = try await Plug(pool)
        let second = Future<Int>.promise()
        let isWaiting = Gate()
        let outer = try pool.submit {}
            .flatMap {
                isWaiting.open()
                return second
            }
        await isWaiting.opened()
        #expect(outer.state == .running)
        #expect(!outer.cancel(), "its body has run")
        #expect(await outer.settled.error is CancellationError)
        #expect(second.isCancelled)
        #expect(outer.state == .failed)
        // Before its body began it is cancelled like any step.
        let hasRun = Gate()
        let early = plug.future.flatMap {
            hasRun.open()
            return Future<Int>.completed(.success(1))
        }
        #expect(early.cancel())
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(!hasRun.isOpen)
    }

    @Test("when a request is cancelled its steps never begin, whosever future they follow")
    func cancelledRequestsStopSteps() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let (hasRun, done) = (Gate(), Future<Void>.promise(home: pool.home))
        done.complete(.success(()))
        let request = RequestContext.make(pool: pool)
        let steps = RequestContext.withCurrent(request) {
            [plug.future.map { hasRun.open() }, done.map { hasRun.open() }, plug.future.flatMap { done }]
        }
        request.cancel()
        for step in steps {
            #expect(step.state == .cancelled)
            #expect(await step.settled.poolErrorCode == .requestCancelled)
        }
        let late = RequestContext.withCurrent(request) { done.map { hasRun.open() } }
        #expect(await late.settled.poolErrorCode == .requestCancelled)
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(!hasRun.isOpen)
        #expect(pool.queue.unfinished == 0)
    }

    @Test("the steps of a detached job are detached")
    func stepsOfDetachedJobsAreDetached() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let request = RequestContext.make(pool: pool)
        let step = try RequestContext.withCurrent(request) {
            try pool.submit(.detached) { 1 }.map { value in (value, RequestContext.current?.g.user) }
        }
        request.cancel()
        plug.release.open()
        let (value, user) = try await step.boundedValue
        #expect(value == 1 && user == "ann")
    }

    @Test("a step whose worker dies fails with workerDied, and what follows it hears of that")
    func stepsMayLoseTheirThread() async throws {
        let pool = try ContextPool(workers: 1)
        let doomed = try pool.submit {}.map { exitThread() }.map { 1 }
        #expect(await doomed.settled.poolErrorCode == .workerDied)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("no follower of a passed error is lost with a thread that another one ends")
    func passedErrorsSurviveTheThread() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let failing: Future<Int> = try pool.submit { throw Broken() }
        let inner = failing.map { $0 }
        inner.whenComplete { _ in exitThread() }
        let later = inner.map { $0 }
        plug.release.open()
        #expect(await later.settled.error as? Broken == Broken())
        #expect(await failing.map { $0 }.settled.error as? Broken == Broken())
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("steps, cancellations, requests and shutdowns may race: every future completes, and the counts are right")
    func everythingMayRace() async throws {
        for round in 0..<60 {
            let pool = try ContextPool(workers: 2)
            let request = RequestContext.make(pool: pool)
            let source = try RequestContext.withCurrent(request) { try pool.submit { 1 } }
            let steps = RequestContext.withCurrent(request) {
                (0..<6).map { number in number.isMultiple(of: 2) ? source.map { $0 } : source.flatMap { _ in source } }
            }
            let dependents = steps.map { $0.map { $0 }.recover { _ in 0 } }
            await withTaskGroup { group in
                for step in steps.prefix(4) { group.addTask { _ = step.cancel() } }
                if round.isMultiple(of: 3) { group.addTask { request.cancel() } }
                if round.isMultiple(of: 4) { group.addTask { _ = source.cancel() } }
                group.addTask { _ = await pool.shutDown(round.isMultiple(of: 2) ? .finishPending : .cancelPending) }
            }
            for future in steps + dependents {
                if await future.settled.poolErrorCode == .timedOut { Issue.record("a future never completed") }
            }
            #expect(await pool.shutDown(within: patience).unfinished == 0)
            #expect(pool.queue.unfinished == 0)
        }
    }

    @Test("a step that runs is told of cancel")
    func aRunningStepIsToldOfCancel() async throws {
        let pool = try ContextPool(workers: 1)
        let (started, go) = (Gate(), Gate())
        let step = try pool.submit {}
            .map { () -> Bool in
                started.open()
                go.wait()
                return CurrentJob.isCancelled
            }
        await started.opened()
        step.cancel()
        go.open()
        #expect(try await step.boundedValue)
    }
}

extension FutureHome {
    /// A future of this home that has its value.
    fileprivate func completed<Value>(_ value: Value) -> Future<Value> {
        let future = Future<Value>(home: self)
        future.complete(.success(value))
        return future
    }
}
