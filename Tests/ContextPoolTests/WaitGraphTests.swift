import Synchronization
import TestSupport
import Testing

@testable import ContextPool

@Suite("Waiting in a circle", .timeLimit(.minutes(1)))
struct WaitGraphTests {
    @Test("of two jobs in two pools that wait for each other one gets an error")
    func circleOverTwoPools() async throws {
        let (one, two) = (try ContextPool(workers: 1, name: "one"), try ContextPool(workers: 1, name: "two"))
        let futures = Mutex<[Future<Int>]>([])
        let known = Gate()
        let both = Turnstile()
        for (pool, other) in [(one, 1), (two, 0)] {
            let future = try pool.submit { () -> Int in
                both.pass()
                known.wait()
                let future = futures.withLock { $0[other] }
                do {
                    return try future.wait(timeout: patience)
                } catch let error as ContextPoolError where error.code == .wouldDeadlock {
                    return 7
                }
            }
            futures.withLock { $0.append(future) }
        }
        await both.reached(2)
        known.open()
        for future in futures.withLock({ $0 }) { #expect(try await future.boundedValue == 7) }
        futures.withLock { $0 = [] }
    }

    @Test("a job that waits for what follows itself gets an error", arguments: 0..<4)
    func waitingForWhatFollowsOneself(_ kind: Int) async throws {
        let pool = try ContextPool(workers: 2)
        let derived = Mutex<Future<Int>?>(nil)
        let known = Gate()
        let future = try pool.submit { () -> Int in
            known.wait()
            return try derived.withLock { $0 }?.wait(timeout: patience) ?? 0
        }
        derived.withLock {
            $0 =
                switch kind {
                case 0: future.map { $0 }
                case 1: Future.race(of: [future])
                case 2: Future.all([future]).map { $0[0] }
                default: future.flatMap { value in try pool.submit { value } }
                }
        }
        known.open()
        #expect(await future.settled.poolErrorCode == .wouldDeadlock)
        derived.withLock { $0 = nil }
    }

    @Test("a job that waits for the first of itself and of another waits for the other")
    func oneOfSeveralIsEnough() async throws {
        let pool = try ContextPool(workers: 2)
        let race = Mutex<Future<Int>?>(nil)
        let known = Gate()
        let other = Future<Int>.promise(home: pool.home)
        let future = try pool.submit { () -> Int in
            known.wait()
            return try race.withLock { $0 }?.wait(timeout: patience) ?? 0
        }
        race.withLock { $0 = Future.race(of: [future, other]) }
        known.open()
        await eventually { pool.queue.state.withLock { $0.waits.count == 1 } }
        other.complete(.success(3))
        #expect(try await future.boundedValue == 3)
        race.withLock { $0 = nil }
    }

    @Test("a circle that closes while the job waits already, since what it waits for goes on to it")
    func aCircleThatClosesLater() async throws {
        let pool = try ContextPool(workers: 2)
        let derived = Mutex<Future<Int>?>(nil)
        let own = Mutex<Future<Int>?>(nil)
        let (known, first) = (Gate(), Future<Int>.promise(home: pool.home))
        let future = try pool.submit { () -> Int in
            known.wait()
            return try derived.withLock { $0 }?.wait(timeout: patience) ?? 0
        }
        own.withLock { $0 = future }
        derived.withLock { $0 = first.flatMap { _ in try #require(own.withLock { $0 }) } }
        known.open()
        await eventually { pool.queue.state.withLock { $0.waits.count == 1 } }
        first.complete(.success(1))
        #expect(await future.settled.poolErrorCode == .wouldDeadlock)
        derived.withLock { $0 = nil }
        own.withLock { $0 = nil }
    }

    /// A job that awaits another whose job waits for it, whichever of the two came first.
    @Test("a worker that waits for a job which awaits the worker's own gets an error", arguments: [true, false])
    func aWorkerAndATask(_ taskIsFirst: Bool) async throws {
        let pool = try ContextPool(workers: 2)
        let (known, goes, awaits) = (Gate(), Gate(), Gate())
        let own = Mutex<Future<Int>?>(nil)
        let awaiting = try pool.submit { () async throws -> Int in
            await known.opened()
            if !taskIsFirst { await awaits.opened() }
            return try await #require(own.withLock { $0 }).value
        }
        let waiting = try pool.submit { () -> Int in
            goes.wait()
            return try awaiting.wait(timeout: patience)
        }
        own.withLock { $0 = waiting }
        known.open()
        if taskIsFirst {
            await eventually { waiting.observerCount > 0 }
            goes.open()
        } else {
            goes.open()
            await eventually { pool.queue.state.withLock { $0.waits.count == 1 } }
            awaits.open()
        }
        #expect(await waiting.settled.poolErrorCode == .wouldDeadlock)
        #expect(await awaiting.settled.poolErrorCode == .wouldDeadlock)
        own.withLock { $0 = nil }
    }

    @Test("a job that awaits itself, directly or over others, gets an error", arguments: 0..<4)
    func awaitingOneself(_ kind: Int) async throws {
        let pool = try ContextPool(workers: 2)
        let derived = Mutex<Future<Int>?>(nil)
        let known = Gate()
        let future = try pool.submit { () async throws -> Int in
            await known.opened()
            return try await #require(derived.withLock { $0 }).value
        }
        try derived.withLock {
            $0 =
                switch kind {
                case 0: future
                case 1: future.map { $0 }
                case 2: Future.all([future]).map { $0[0] }
                default: try pool.submit { () async throws -> Int in try await future.value }
                }
        }
        if kind == 3 { await eventually { future.observerCount > 0 } }
        known.open()
        #expect(await future.settled.poolErrorCode == .wouldDeadlock)
        derived.withLock { $0 = nil }
    }

    @Test("a child task that awaits the job itself is left alone, since the job need not wait for it")
    func aChildThatAwaitsItsJob() async throws {
        let pool = try ContextPool(workers: 2)
        let own = Mutex<Future<Int>?>(nil)
        let (known, awaited) = (Gate(), Gate())
        let child = Mutex<Task<Int, any Error>?>(nil)
        let future = try pool.submit { () async throws -> Int in
            await known.opened()
            let mine = try #require(own.withLock { $0 })
            child.withLock { $0 = Task { try await mine.value } }
            await awaited.opened()
            return 5
        }
        own.withLock { $0 = future }
        known.open()
        await eventually { future.observerCount > 0 }
        awaited.open()
        #expect(try await future.boundedValue == 5)
        #expect(try await child.withLock { $0 }?.value == 5)
        own.withLock { $0 = nil }
    }

    @Test("a worker that waits is woken by what may wait for it, and not by what goes on elsewhere")
    func onlyWhomItConcerns() async throws {
        let pool = try ContextPool(workers: 1)
        let limits = StepLimits(of: .none, lifetime: .detached, site: SourceSite())
        let relay = Relay(Future<Future<Int>>.promise(), limits: limits)
        let target = Future<Int>.promise(home: pool.home)
        target.attach(relay, seat: nil)
        let waiting = try pool.submit { try target.wait(timeout: patience) }
        await eventually { pool.queue.state.withLock { $0.waits.count == 1 } }
        #expect(!WaitGraph.change(Relay(Future<Future<Int>>.promise(), limits: limits), to: waiting))
        #expect(!WaitGraph.change(relay, to: Future<Int>.promise(home: pool.home)))
        // A worker that looks again, since a circle has closed somewhere else, is not there for a moment.
        await eventually { WaitGraph.change(relay, to: waiting) }
        target.complete(.success(1))
        #expect(try await waiting.boundedValue == 1)
    }

    @Test("a chain of 100,000 steps is no circle, and does not run out of stack")
    func aLongChain() async throws {
        let pool = try ContextPool(workers: 2)
        let first = Future<Int>.promise(home: pool.home)
        let last = (0..<100_000).reduce(first) { future, _ in future.map { $0 } }
        let future = try pool.submit { try last.wait(timeout: patience) }
        await eventually { pool.queue.state.withLock { $0.waits.count == 1 } }
        first.cancel()
        #expect(await future.settled.error is CancellationError)
    }

    /// Other futures could have ended the wait, until they were complete and did not.
    @Test(
        "a job that waits for the first of itself and of others gets an error when it is all that is left",
        arguments: Lane.allCases
    )
    func oneOfSeveralIsLeft(lane: Lane) async throws {
        let pool = try ContextPool(workers: 2)
        let first = Mutex<Future<Int>?>(nil)
        let known = Gate()
        let others = (0..<2).map { _ in Future<Int>.promise(home: pool.home) }
        let future: Future<Int> =
            switch lane {
            case .closure:
                try pool.submit { () -> Int in
                    known.wait()
                    return try #require(first.withLock { $0 }).wait(timeout: patience)
                }
            case .async:
                try pool.submit { () async throws -> Int in
                    await known.opened()
                    return try await #require(first.withLock { $0 }).value
                }
            }
        let choice = Future.first(of: [others[0], future, others[1], future.map { $0 }])
        first.withLock { $0 = choice }
        let before = choice.observerCount
        known.open()
        switch lane {
        case .closure: await eventually { pool.queue.state.withLock { $0.waits.count == 1 } }
        case .async: await eventually { choice.observerCount > before }
        }
        others[0].complete(.failure(Broken()))
        #expect(!choice.isFinished)
        others[1].complete(.failure(Broken()))
        #expect(await future.settled.poolErrorCode == .wouldDeadlock)
        await eventually { choice.isFinished }
        first.withLock { $0 = nil }
    }

    @Test("blocking for the first error is refused when only the job itself is left to fail")
    func oneErrorIsLeft() async throws {
        let pool = try ContextPool(workers: 1)
        let own = Mutex<Future<Int>?>(nil)
        let known = Gate()
        let other = Future<Int>.promise(home: pool.home)
        let future = try pool.submit { () -> Int in
            known.wait()
            let both = [try #require(own.withLock { $0 }), other]
            return try Future.wait(for: .firstError, both, timeout: patience).done.count
        }
        own.withLock { $0 = future }
        known.open()
        await eventually { pool.queue.state.withLock { $0.waits.count == 1 } }
        other.complete(.success(1))
        #expect(await future.settled.poolErrorCode == .wouldDeadlock)
        own.withLock { $0 = nil }
    }

    /// Its callbacks take their time, and the one that decides comes behind them.
    @Test(
        "a job that waits for the first of itself and of one that is complete gets its value",
        arguments: Lane.allCases
    )
    func oneIsEnoughBeforeItIsHeard(lane: Lane) async throws {
        let pool = try ContextPool(workers: 2)
        let first = Mutex<Future<Int>?>(nil)
        let (known, told, goOn) = (Gate(), Gate(), Gate())
        let (failed, other) = (Future<Int>.promise(home: pool.home), Future<Int>.promise(home: pool.home))
        other.whenComplete { _ in
            told.open()
            goOn.wait()
        }
        let future: Future<Int> =
            switch lane {
            case .closure:
                try pool.submit { () -> Int in
                    known.wait()
                    return try #require(first.withLock { $0 }).wait(timeout: patience)
                }
            case .async:
                try pool.submit { () async throws -> Int in
                    await known.opened()
                    return try await #require(first.withLock { $0 }).value
                }
            }
        let choice = Future.first(of: [failed, future, other])
        first.withLock { $0 = choice }
        let before = choice.observerCount
        async let completed: Void = onThread { other.complete(.success(5)) }
        await told.opened()
        failed.complete(.failure(Broken()))
        known.open()
        await eventually {
            future.isFinished || choice.observerCount > before
                || pool.queue.state.withLock { $0.waits.count == 1 }
        }
        goOn.open()
        #expect(try await future.boundedValue == 5)
        await completed
        first.withLock { $0 = nil }
    }
}
