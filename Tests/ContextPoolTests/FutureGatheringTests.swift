import TestSupport
import Testing

@testable import ContextPool

@Suite("all, first and race", .timeLimit(.minutes(1)))
struct FutureGatheringTests {
    private let futures = (0..<3).map { _ in Future<Int>.promise() }

    @Test("MP11: all has every value, in the order of the list and not of completion")
    func allKeepsTheOrder() async throws {
        let all = Future.all(futures)
        for index in [2, 0, 1] {
            #expect(all.state == .queued)
            futures[index].complete(.success(index))
        }
        #expect(try await all.boundedValue == [0, 1, 2])
    }

    @Test("MP12: jobs that are submitted together with a limit: in time all values in order, with their context")
    func allWithinATime() async throws {
        let pool = try ContextPool(workers: 2)
        let jobs = try RequestContext.withCurrent(.make(pool: pool)) {
            try (0..<4)
                .map { number in
                    try pool.submit(within: .seconds(60)) { "\(number) \(RequestContext.current?.g.user ?? "none")" }
                }
        }
        let (done, notDone) = await Future.wait(for: .allCompleted, jobs, timeout: patience)
        #expect(notDone.isEmpty)
        #expect(done.map { ObjectIdentifier($0) } == jobs.map { ObjectIdentifier($0) })
        #expect(try await Future.all(jobs).boundedValue == (0..<4).map { "\($0) ann" })
    }

    @Test("MP12, MP14: when the time of a wait is up, those that are done are told apart from those that are not")
    func timesAreUp() async throws {
        let time = ManualClock()
        for condition in [FutureCondition.allCompleted, .firstCompleted] {
            let futures = (0..<3).map { _ in time.promise(of: Int.self) }
            if condition == .allCompleted { futures[1].complete(.success(1)) }
            async let waited = Future.wait(for: condition, futures, timeout: .seconds(7))
            await eventually { time.alarms.count == 1 }
            time.advance(by: .seconds(7))
            let (done, notDone) = await waited
            #expect(done.count + notDone.count == 3)
            #expect(done.map { ObjectIdentifier($0) } == futures.filter { $0.isFinished }.map { ObjectIdentifier($0) })
            #expect(notDone.allSatisfy { $0.state == .queued }, "nothing is cancelled by a wait")
        }
    }

    @Test(
        "MP14: of jobs that are submitted together with a limit the first value comes, with its context, and ends the rest"
    )
    func firstWithinATime() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let jobs = try RequestContext.withCurrent(.make(pool: pool)) {
            try (0..<3)
                .map { number in
                    try pool.submit(within: .seconds(60)) {
                        if number == 0 { throw Broken() }
                        return "\(number) \(RequestContext.current?.g.user ?? "none")"
                    }
                }
        }
        let first = Future.first(of: jobs, cancellingOthers: true)
        await #expect(throws: ContextPoolError.timedOut(after: .zero)) {
            try await onThread { Result { try first.wait(timeout: .zero) } }.get()
        }
        plug.release.open()
        #expect(try await first.boundedValue == "1 ann")
        await eventually { jobs[2].isFinished }
        #expect(jobs[2].isCancelled)
    }

    @Test("all, first and race take futures that are complete already, and one future twice")
    func completeFuturesCount() async throws {
        futures[0].complete(.success(1))
        let twice = [futures[0], futures[0]]
        #expect(try await Future.all(twice).boundedValue == [1, 1])
        #expect(try await Future.first(of: [futures[1], futures[0]]).boundedValue == 1)
        #expect(try await Future.race(of: [futures[1], futures[0]]).boundedValue == 1)
    }

    @Test("all fails with the first error, and does not wait for the others")
    func allFailsEarly() async {
        let all = Future.all(futures)
        futures[1].complete(.failure(Broken(reason: "first")))
        #expect(all.state == .failed)
        futures[0].complete(.failure(Broken(reason: "second")))
        #expect(await all.settled.error as? Broken == Broken(reason: "first"))
        #expect(!futures[2].isFinished)
        #expect(futures[2].observerCount == 0)
    }

    @Test("MP13: first is the first value; errors before it do not count")
    func firstIsTheFirstValue() async throws {
        let first = Future.first(of: futures)
        futures[2].complete(.failure(Broken()))
        futures[0].cancel()
        #expect(!first.isFinished)
        futures[1].complete(.success(7))
        #expect(try await first.boundedValue == 7)
    }

    @Test("where every future fails, first has the error of the first in the list")
    func firstHasTheFirstError() async {
        let first = Future.first(of: futures)
        for index in [1, 0, 2] { futures[index].complete(.failure(Broken(reason: "\(index)"))) }
        #expect(await first.settled.error as? Broken == Broken(reason: "0"))
    }

    @Test("race has the first outcome, whichever it is", arguments: ["value", "error", "cancellation"])
    func raceHasTheFirstOutcome(outcome: String) async throws {
        let race = Future.race(of: futures)
        switch outcome {
        case "value": futures[1].complete(.success(5))
        case "error": futures[1].complete(.failure(Broken()))
        default: futures[1].cancel()
        }
        futures[0].complete(.success(1))
        let result = await race.settled
        switch outcome {
        case "value": #expect(try result.get() == 5)
        case "error": #expect(result.error as? Broken == Broken())
        default: #expect(race.state == .cancelled)
        }
    }

    @Test("an empty list: all has no values, first and race fail with noFutures, and nothing hangs")
    func emptyListsAreDefined() async throws {
        #expect(try await Future.all([Future<Int>]()).boundedValue == [])
        #expect(await Future<Int>.first(of: []).settled.poolErrorCode == .noFutures)
        let error = await Future<Int>.race(of: []).settled.error as? ContextPoolError
        #expect(error?.code == .noFutures)
        #expect(error?.description.contains("is empty") == true)
    }

    @Test("losers go on, unless they are to be cancelled", arguments: [false, true])
    func losersGoOn(cancels: Bool) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let losers = try (0..<3).map { number in try pool.submit { number } }
        let winner = Future<Int>.promise()
        let race = Future.race(of: [losers[0], winner], cancellingOthers: cancels)
        let first = Future.first(of: [losers[1], winner], cancellingOthers: cancels)
        let all = Future.all([losers[2], winner], cancellingOthers: cancels)
        winner.complete(.failure(Broken()))
        #expect(losers.map(\.isCancelled) == [cancels, false, cancels])
        #expect(race.isFinished && all.isFinished && !first.isFinished)
        plug.release.open()
        #expect(try await first.boundedValue == 1)
        #expect(losers[0].isCancelled == cancels)
    }

    @Test("cancelling the one future cancels the others where that was asked for", arguments: [false, true])
    func cancellingTheGathering(cancels: Bool) {
        let all = Future.all(futures, cancellingOthers: cancels)
        #expect(all.cancel())
        #expect(all.state == .cancelled)
        #expect(futures.allSatisfy { $0.isCancelled == cancels })
    }

    @Test("members that come after the one that decided are cancelled, too")
    func lateMembersAreCancelled() {
        futures[0].complete(.success(1))
        let race = Future.race(of: futures, cancellingOthers: true)
        #expect(race.state == .succeeded)
        #expect(futures[1].isCancelled && futures[2].isCancelled)
    }

    @Test("a step after a gathering runs on the pool of its futures, with its own context")
    func stepsFollowGatherings() async throws {
        let pool = try ContextPool(workers: 1, name: "gather")
        let parts = try (1...3).map { number in try pool.submit { number } }
        let sum = RequestContext.withCurrent(.make(pool: pool)) {
            Future.all(parts)
                .map { values in
                    "\(values.reduce(0, +)) \(currentThreadName()) \(RequestContext.current?.g.user ?? "none")"
                }
        }
        #expect(try await sum.boundedValue == "6 gather-1 ann")
    }

    @Test("CF34: 100 futures complete at once from many threads, and every gathering completes once")
    func manyFuturesRace() async throws {
        let futures = (0..<100).map { _ in Future<Int>.promise() }
        let all = Future.all(futures)
        let (first, race) = (Future.first(of: futures), Future.race(of: futures))
        let told = Turnstile()
        all.whenComplete { _ in told.pass() }
        first.whenComplete { _ in told.pass() }
        race.whenComplete { _ in told.pass() }
        async let waited = Future.wait(futures)
        await withTaskGroup { group in
            for (number, future) in futures.enumerated() { group.addTask { future.complete(.success(number)) } }
        }
        #expect(try await all.boundedValue == Array(0..<100))
        // Not always the same: two futures that complete at once may each be the first somewhere.
        let winners = [try await first.boundedValue, try await race.boundedValue]
        #expect(winners.allSatisfy { (0..<100).contains($0) })
        #expect(await waited.done.count == 100)
        #expect(told.count == 3)
    }

    @Test("gatherings that are made, decided and cancelled at once end once each, and keep no follower and no value")
    func gatheringsRace() async {
        for seed in 1...60 as ClosedRange<UInt64> {
            let (ends, born, dead) = (Turnstile(), Turnstile(), Turnstile())
            await race(seed, ends, born, dead)
            #expect(ends.count == 9)
            #expect(dead.count == born.count)
        }
    }

    private func race(_ seed: UInt64, _ ends: Turnstile, _ born: Turnstile, _ dead: Turnstile) async {
        let futures = (0..<6).map { _ in Future<Farewell>.promise() }
        await withTaskGroup { group in
            for number in 0..<3 as Range<UInt64> {
                group.addTask {
                    var random = SeededGenerator(seed: seed &* 31 &+ number)
                    let some = futures.shuffled(using: &random) + [futures[0]]
                    let cancels = Bool.random(using: &random)
                    let all = Future.all(some, cancellingOthers: cancels)
                    let first = Future.first(of: some, cancellingOthers: cancels)
                    let race = Future.race(of: some)
                    all.whenComplete { _ in ends.pass() }
                    first.whenComplete { _ in ends.pass() }
                    race.whenComplete { _ in ends.pass() }
                    if Bool.random(using: &random) { all.cancel() }
                    if Bool.random(using: &random) { first.cancel() }
                }
                group.addTask {
                    var random = SeededGenerator(seed: seed &* 57 &+ number)
                    for future in futures.shuffled(using: &random) {
                        switch Int.random(in: 0..<3, using: &random) {
                        case 0: future.complete(.failure(Broken()))
                        case 1: future.cancel()
                        default:
                            born.pass()
                            future.complete(.success(Farewell { dead.pass() }))
                        }
                    }
                }
            }
        }
        #expect(futures.allSatisfy { $0.isFinished && $0.observerCount == 0 })
    }
}
