import TestSupport
import Testing

@testable import ContextPool

/// What is derived from futures keeps nothing, and no chain is too long.
@Suite("Memory of futures", .timeLimit(.minutes(1)))
struct FutureMemoryTests {
    @Test("after its end a step keeps neither closure nor context nor source", arguments: [true, false])
    func stepsKeepNothing(succeeds: Bool) async throws {
        let pool = try ContextPool(workers: 1)
        let (closureDies, valueDies) = (Gate(), Gate())
        func derive() async throws -> (Future<Int>, Future<Int>, Weak<Future<Int>>) {
            let plug = try await Plug(pool)
            let source = try pool.submit { () throws -> Int in
                guard succeeds else { throw Broken() }
                return 1
            }
            let request = RequestContext.make(pool: pool)
            request.g.mortal = Mortal(valueDies)
            let mortal = Mortal(closureDies)
            let (mapped, chained) = RequestContext.withCurrent(request) {
                (
                    source.map { value in withExtendedLifetime(mortal) { value } },
                    source.flatMap { value in withExtendedLifetime(mortal) { Future<Int>.completed(.success(value)) } }
                )
            }
            plug.release.open()
            _ = await mapped.settled
            _ = await chained.settled
            return (mapped, chained, Weak(source))
        }
        let (mapped, chained, source) = try await derive()
        await closureDies.opened()
        await valueDies.opened()
        await eventually { source.object == nil }
        #expect(mapped.isFinished && chained.isFinished)
    }

    @Test("a step that is cancelled lets go at once, though its source goes on")
    func cancelledStepsLetGo() {
        let source = Future<Int>.promise()
        let dies = Gate()
        func derive() -> [Future<Int>] {
            let mortal = Mortal(dies)
            return [
                source.map { value in withExtendedLifetime(mortal) { value } },
                source.flatMap { value in withExtendedLifetime(mortal) { Future<Int>.completed(.success(value)) } },
                source.recover { _ in withExtendedLifetime(mortal) { 0 } },
            ]
        }
        let steps = derive()
        #expect(!dies.isOpen)
        for step in steps { step.cancel() }
        #expect(dies.isOpen)
        #expect(source.observerCount == 0)
        source.cancel()
    }

    @Test("a value is not kept where a propagator failed after the body")
    func valueOfAFailedJobIsNotKept() async throws {
        let broken = ContextPropagator(name: "broken") {
            { operation in
                try operation()
                throw Broken()
            }
        }
        let pool = try ContextPool(workers: 1, propagators: [broken])
        let dies = Gate()
        let future = try pool.submit { Mortal(dies) }
        #expect(await future.settled.error as? Broken == Broken())
        await dies.opened()
        #expect(future.state == .failed)
    }

    @Test("10,000 steps in a row neither overflow the stack when they run nor when an error passes")
    func longChainsComplete() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let (value, failing) = (try pool.submit { 0 }, try pool.submit { () throws -> Int in throw Broken() })
        let cancelled = try pool.submit { 0 }
        func chain(_ first: Future<Int>) -> Future<Int> {
            var last = first
            for _ in 0..<10_000 { last = last.map { $0 + 1 } }
            return last
        }
        let ends = [chain(value), chain(failing), chain(cancelled)]
        cancelled.cancel()
        #expect(ends[2].state == .cancelled)
        plug.release.open()
        #expect(try await ends[0].boundedValue == 10_000)
        #expect(await ends[1].settled.error as? Broken == Broken())
    }

    @Test("a chain of 10,000 that is cancelled ends at once, and dies without overflowing a thread's stack")
    func longChainsMayBeDropped() async {
        await onThread {
            let first = Future<Int>.promise()
            var last = first
            for _ in 0..<10_000 { last = last.map { $0 } }
            first.cancel()
            #expect(last.isCancelled)
        }
    }

    @Test("a loop of 100,000 flatMaps runs in constant stack")
    func longLoopsComplete() async throws {
        let pool = try ContextPool(workers: 2)
        let home = pool.home
        @Sendable func loop(_ number: Int) -> Future<Int> {
            let now = Future<Int>(home: home)
            now.complete(.success(number))
            return number == 0 ? now : now.flatMap { loop($0 - 1) }
        }
        #expect(try await loop(100_000).boundedValue == 0)
    }

    @Test("a race that is decided, or cancelled, takes its followers back from the losers")
    func decidedRacesLeaveNothing() async {
        let slow = Future<Int>.promise()
        for _ in 0..<100 {
            let quick = Future<Int>.promise()
            let (race, all) = (Future.race(of: [slow, quick]), Future.all([slow, quick]))
            let (first, cancelled) = (Future.first(of: [slow, quick]), Future.race(of: [slow, quick]))
            cancelled.cancel()
            quick.complete(.success(1))
            #expect(race.isFinished && first.isFinished && !all.isFinished)
            all.cancel()
        }
        #expect(slow.observerCount == 0)
        #expect(slow.state == .queued)
        _ = await Future.wait([slow], timeout: .zero)
        do { _ = Future.asCompleted([slow], timeout: .seconds(3600)) }
        #expect(slow.observerCount == 0)
    }

    @Test("a gathering dies with its futures")
    func gatheringsDie() async {
        func gather() -> [Weak<Future<Int>>] {
            let futures = (0..<3).map { _ in Future<Int>.promise() }
            let (all, race) = (Future.all(futures), Future.race(of: futures))
            for future in futures { future.complete(.success(1)) }
            #expect(all.isFinished && race.isFinished)
            return futures.map { Weak($0) }
        }
        #expect(gather().allSatisfy { $0.object == nil })
    }

    @Test("an async job keeps nothing of the async job that submitted it")
    func aJobKeepsNothingOfTheJobThatSubmittedIt() async throws {
        let pool = try ContextPool(workers: 1)
        let (death, go) = (Gate(), Gate())
        func start() throws -> Future<Future<Void>> {
            let mortal = Mortal(death)
            return try pool.submit { () async throws -> Future<Void> in
                withExtendedLifetime(mortal) {}
                return try pool.submit { () async throws -> Void in await go.opened() }
            }
        }
        let inner = try await start().boundedValue
        await death.opened()
        go.open()
        try await inner.boundedValue
    }
}
