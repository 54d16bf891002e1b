import Synchronization
import TestSupport
import Testing

@testable import ContextPool

@Suite("Future", .timeLimit(.minutes(1)))
struct FutureTests {
    @Test(
        "MP7: an error of the body is that of the future, with its own words: done, and not cancelled",
        arguments: Lane.allCases
    )
    func errorsComeOut(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let future = try lane.submit(to: pool) { throw Broken(reason: "no paper in tray 2") }
        #expect(await future.settled.error as? Broken == Broken(reason: "no paper in tray 2"))
        await #expect(throws: Broken(reason: "no paper in tray 2")) { try await future.value }
        #expect(future.isFinished)
        #expect(!future.isCancelled)
        #expect(future.state == .failed)
        #expect(!future.cancel(), "it has ended")
        #expect(future.state == .failed)
    }

    @Test("CF1, MP8: the value and the result are those of the body", arguments: Lane.allCases)
    func valueIsThatOfTheBody(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let future = try lane.submit(to: pool) { "done" }
        #expect(try await future.value == "done")
        #expect(try await future.result.get() == "done")
        let failing = try lane.submit(to: pool) { throw Broken() }
        await #expect(throws: Broken()) { try await failing.value }
    }

    @Test("CF22: state, isFinished and isCancelled in every state", arguments: Lane.allCases)
    func predicatesInEveryState(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool, lane)
        let (failing, cancelled) = (try lane.submit(to: pool) { throw Broken() }, try lane.submit(to: pool) {})
        func states(_ future: Future<Void>) -> [Bool] { [future.isFinished, future.isCancelled] }
        #expect([plug.future.state, failing.state] == [.running, .queued])
        #expect(states(plug.future) == [false, false])
        #expect(states(failing) == [false, false])
        cancelled.cancel()
        #expect(states(cancelled) == [true, true])
        #expect(cancelled.state == .cancelled)
        plug.release.open()
        _ = await failing.settled
        #expect(states(plug.future) == [true, false])
        #expect(states(failing) == [true, false])
        #expect([plug.future.state, failing.state] == [.succeeded, .failed])
    }

    @Test("CF21: cancel: waiting yes, running no, finished no, cancelled again yes", arguments: Lane.allCases)
    func cancelAnswersWhetherTheBodyNeverRuns(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool, lane)
        let waiting = try lane.submit(to: pool) {}
        #expect(waiting.cancel())
        #expect(waiting.cancel())
        #expect(!plug.future.cancel())
        plug.release.open()
        try await plug.future.boundedValue
        #expect(!plug.future.cancel())
    }

    @Test("CF23, CF24: wait with a timeout of zero only looks")
    func waitWithZeroOnlyLooks() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let (waiting, cancelled) = (try pool.submit { 1 }, try pool.submit { 2 })
        let (finished, failed) = (Future<Int>(), Future<Int>())
        #expect(finished.begin() && finished.finish(.success(3)))
        #expect(failed.begin() && failed.finish(.failure(Broken())))
        cancelled.cancel()
        let results = await onThread {
            [waiting, cancelled, finished, failed].map { future in Result { try future.wait(timeout: .zero) } }
        }
        #expect(results[0].poolErrorCode == .timedOut)
        #expect(results[1].error is CancellationError)
        #expect(try results[2].get() == 3)
        #expect(results[3].error as? Broken == Broken())
        plug.release.open()
        // A wait that gave up takes nothing away from the job or from the next wait.
        #expect(try await waiting.boundedValue == 1)
    }

    @Test(
        "wait takes any timeout",
        arguments: [
            Duration.seconds(-1), .seconds(Int64.min), .nanoseconds(-1), .nanoseconds(1),
        ]
    )
    func waitTakesTimeoutsThatHavePassed(timeout: Duration) async {
        let future = Future<Int>()
        let result = await onThread { Result { try future.wait(timeout: timeout) } }
        #expect(result.poolErrorCode == .timedOut)
    }

    @Test(
        "a timeout of ages is a long wait, not an overflow",
        arguments: [
            Duration.seconds(Int64.max), .seconds(Int64.max) + .nanoseconds(999_999_999), .seconds(Int64.max) * 4,
            .milliseconds(Int64.max),
        ]
    )
    func waitTakesTimeoutsOfAges(timeout: Duration) async throws {
        let future = Future<Int>()
        let waits = Gate()
        async let result = onThread {
            waits.open()
            return Result { try future.wait(timeout: timeout) }
        }
        await waits.opened()
        #expect(future.begin())
        future.finish(.success(1))
        #expect(try await result.get() == 1)
    }

    @Test("CF25: many threads and tasks that wait all wake when the value is set elsewhere")
    func everyWaiterWakes() async throws {
        let future = Future<Int>()
        let values = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<16 {
                group.addTask { try? await future.value }
                group.addTask { try? await future.boundedValue }
            }
            group.addTask {
                #expect(future.begin())
                future.finish(.success(7))
                return 7
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == Array(repeating: 7, count: 33))
    }

    @Test("CF26: a waiting thread wakes when another one cancels")
    func waiterWakesOnCancel() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let future = try pool.submit { 1 }
        async let outcome = future.settled
        async let awaited = future.result
        await onThread { _ = future.cancel() }
        #expect(await outcome.error is CancellationError)
        #expect(await awaited.error is CancellationError)
        plug.release.open()
    }

    @Test("CF27: the first outcome is kept")
    func firstOutcomeIsKept() async throws {
        let future = Future<Int>()
        #expect(!future.finish(.success(0)), "a job that has not begun cannot finish")
        #expect(future.begin())
        #expect(!future.begin())
        #expect(!future.finishUnstarted(with: Broken()))
        #expect(future.finish(.success(1)))
        #expect(!future.finish(.success(2)))
        #expect(!future.finish(.failure(Broken())))
        #expect(try await future.boundedValue == 1)
    }

    @Test("CF15, CF16, CF17: whenComplete gets the value, the error and the cancellation", arguments: Lane.allCases)
    func whenCompleteGetsEveryOutcome(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let futures = [
            try lane.submit(to: pool) { 1 }, try lane.submit(to: pool) { throw Broken() },
            try lane.submit(to: pool) { 3 },
        ]
        let outcomes = Record<String>()
        for future in futures { future.whenComplete { outcomes.append(name(of: $0)) } }
        #expect(outcomes.elements.isEmpty)
        futures[2].cancel()
        #expect(outcomes.elements == ["cancelled"])
        plug.release.open()
        for future in futures { _ = await future.settled }
        await pool.shutDown(within: patience)
        #expect(outcomes.elements == ["cancelled", "1", "broken"])
    }

    @Test("CF19: whenComplete on a completed future runs at once, on the calling thread")
    func whenCompleteAfterwardsRunsAtOnce() async throws {
        let (succeeded, failed, cancelled) = (Future<Int>(), Future<Int>(), Future<Int>())
        #expect(succeeded.begin() && succeeded.finish(.success(1)))
        #expect(failed.begin() && failed.finish(.failure(Broken())))
        #expect(cancelled.cancel())
        let outcomes = await onThread {
            let outcomes = Record<String>()
            let here = currentThreadID()
            for future in [succeeded, failed, cancelled] {
                future.whenComplete { outcomes.append(currentThreadID() == here ? name(of: $0) : "elsewhere") }
            }
            return outcomes.elements
        }
        #expect(outcomes == ["1", "broken", "cancelled"])
    }

    @Test("callbacks run once each, in the order in which they were added")
    func callbacksRunInOrder() throws {
        let future = Future<Int>()
        let order = Record<Int>()
        for number in 1...5 { future.whenComplete { _ in order.append(number) } }
        #expect(future.cancel())
        future.cancel()
        #expect(order.elements == [1, 2, 3, 4, 5])
    }

    @Test("a callback may use the future that calls it")
    func callbacksMayUseTheFuture() throws {
        let future = Future<Int>()
        let order = Record<String>()
        future.whenComplete { _ in
            future.whenComplete { _ in order.append("inner") }
            order.append("finished: \(future.isFinished), cancelled: \(future.cancel())")
        }
        future.cancel()
        #expect(order.elements == ["inner", "finished: true, cancelled: true"])
    }

    @Test("FE5: whenComplete has the context of the line that added it", arguments: Lane.allCases)
    func whenCompleteHasItsOwnContext(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let future = try RequestContext.withCurrent(.make(pool: pool, user: "job")) { try lane.submit(to: pool) {} }
        let (users, bothRan) = (Record<String?>(), Turnstile())
        let listener = RequestContext.make(pool: pool, user: "listener")
        RequestContext.withCurrent(listener) {
            future.whenComplete { _ in
                users.append(RequestContext.current?.g.user)
                bothRan.pass()
            }
        }
        listener.g.user = "changed afterwards"
        future.whenComplete { _ in
            users.append(RequestContext.current?.g.user)
            bothRan.pass()
        }
        plug.release.open()
        await bothRan.reached(2)
        #expect(users.elements == ["listener", nil])
    }

    @Test("whenComplete never sees the context of whoever cancels")
    func whenCompleteDoesNotSeeTheCanceller() async throws {
        let pool = try ContextPool(workers: 1, propagators: [.taskLocal(Ambient.$tenant, name: "tenant")])
        let plug = try await Plug(pool)
        let future = try pool.submit {}
        let seen = Record<String>()
        future.whenComplete { _ in seen.append("\(RequestContext.current?.g.user ?? "none"), \(Ambient.tenant)") }
        AppContext.withCurrent(AppContext(name: "test", pool: pool)) {
            future.whenComplete { _ in seen.append("\(RequestContext.current?.g.user ?? "none"), \(Ambient.tenant)") }
        }
        Ambient.$tenant.withValue("the canceller's") {
            RequestContext.withCurrent(.make(pool: pool, user: "canceller")) { _ = future.cancel() }
        }
        #expect(seen.elements == ["none, no tenant", "none, no tenant"])
        plug.release.open()
    }

    @Test("a callback runs once, however its propagator fails", arguments: ["before", "after", "never", "twice"])
    func callbacksRunOnceWithABrokenPropagator(failure: String) throws {
        let propagator = ContextPropagator(name: failure) {
            { operation in
                if failure == "before" { throw Broken() }
                if failure != "never" { try operation() }
                if failure == "twice" { try operation() }
                if failure == "after" { throw Broken() }
            }
        }
        let pool = try ContextPool(workers: 1, propagators: [propagator])
        let future = Future<Int>(home: pool.home)
        let outcomes = Record<String>()
        RequestContext.withCurrent(.make(pool: pool)) {
            future.whenComplete {
                outcomes.append("\(name(of: $0)) \(RequestContext.current?.g.user ?? "without context")")
            }
        }
        RequestContext.withCurrent(.make(pool: pool, user: "canceller")) { _ = future.cancel() }
        let isApplied = failure == "after" || failure == "twice"
        #expect(outcomes.elements == [isApplied ? "cancelled ann" : "cancelled without context"])
    }

    @Test("a cancelled job's place is free before anybody hears of the cancellation", arguments: Lane.allCases)
    func cancelFreesThePlaceFirst(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1)
        let plug = try await Plug(pool)
        let future = try lane.submit(to: pool) {}
        let next = Record<Result<Future<Int>, any Error>>()
        future.whenComplete { _ in next.append(Result { try lane.submit(to: pool) { 5 } }) }
        #expect(future.cancel())
        plug.release.open()
        let resubmitted = try #require(next.elements.first).get()
        #expect(try await resubmitted.boundedValue == 5)
    }

    @Test("cancelling the awaiting task does not cancel the job")
    func cancellingTheAwaitingTaskLeavesTheJob() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let future = try pool.submit { 1 }
        let awaiting = Task { try await future.value }
        awaiting.cancel()
        #expect(!future.isFinished)
        plug.release.open()
        #expect(try await awaiting.value == 1)
    }

    @Test("a finished future lets go of what waited for it")
    func finishedFuturesLetGoOfCallbacks() async {
        let future = Future<Int>()
        let death = Gate()
        do {
            let mortal = Mortal(death)
            future.whenComplete { _ in withExtendedLifetime(mortal) {} }
        }
        #expect(!death.isOpen)
        future.cancel()
        #expect(death.isOpen)
        #expect(future.isFinished)
    }

    @Test("waiting again and again piles nothing up")
    func waitingAgainPilesNothingUp() async throws {
        let future = Future<Int>()
        await onThread {
            for _ in 0..<100 { _ = try? future.wait(timeout: .zero) }
        }
        #expect(future.observerCount <= 1)
        #expect(future.cancel())
        #expect(await future.settled.error is CancellationError)
    }
}

private func name(of outcome: Result<Int, any Error>) -> String {
    switch outcome {
    case .success(let value): "\(value)"
    case .failure(let error as Broken): error.reason
    case .failure(is CancellationError): "cancelled"
    case .failure(let error): "\(error)"
    }
}
