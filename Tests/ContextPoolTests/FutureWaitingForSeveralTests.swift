import Synchronization
import TestSupport
import Testing

@testable import ContextPool

@Suite("Waiting for several futures", .timeLimit(.minutes(1)))
struct FutureWaitingForSeveralTests {
    enum Way: CaseIterable {
        case async
        case blocking

        func wait(
            for condition: FutureCondition,
            _ futures: [Future<Int>],
            timeout: Duration? = nil
        ) async throws -> [[Int]] {
            let waited =
                switch self {
                case .async: await Future.wait(for: condition, futures, timeout: timeout)
                case .blocking: try await onThread { try Future.wait(for: condition, futures, timeout: timeout) }
                }
            // By position, since futures have no name.
            func positions(_ some: [Future<Int>]) -> [Int] {
                some.compactMap { one in futures.firstIndex { $0 === one } }
            }
            return [positions(waited.done), positions(waited.notDone)]
        }
    }

    private let time = ManualClock()
    private let futures: [Future<Int>]

    init() { futures = (0..<3).map { [time] _ in time.promise() } }

    /// Waits, and lets `act` happen once the wait has begun.
    private func wait(
        _ way: Way,
        for condition: FutureCondition,
        then act: @escaping @Sendable () -> Void
    ) async throws -> [[Int]] {
        async let waited = way.wait(for: condition, futures)
        let last = futures[2]
        await eventually { last.observerCount > 0 }
        act()
        return try await waited
    }

    @Test("CF29: firstCompleted ends with the first, or at once where one is complete", arguments: Way.allCases)
    func firstCompleted(way: Way) async throws {
        let second = futures[1]
        #expect(try await wait(way, for: .firstCompleted) { second.complete(.failure(Broken())) } == [[1], [0, 2]])
        #expect(try await way.wait(for: .firstCompleted, futures) == [[1], [0, 2]])
    }

    @Test("CF30: firstError ends with the first error, one that is there already included", arguments: Way.allCases)
    func firstError(way: Way) async throws {
        let (first, second) = (futures[0], futures[1])
        let waited = try await wait(way, for: .firstError) {
            first.complete(.success(1))
            second.complete(.failure(Broken()))
        }
        #expect(waited == [[0, 1], [2]])
        #expect(try await way.wait(for: .firstError, futures) == [[0, 1], [2]])
    }

    @Test("CF30: firstError without an error ends with the last; a cancellation is an error", arguments: Way.allCases)
    func firstErrorWithoutErrors(way: Way) async throws {
        let some = futures
        let waited = try await wait(way, for: .firstError) { for one in some { one.complete(.success(1)) } }
        #expect(waited == [[0, 1, 2], []])
        let (cancelled, pending) = (Future<Int>.promise(), Future<Int>.promise())
        cancelled.cancel()
        #expect(try await way.wait(for: .firstError, [pending, cancelled]) == [[1], [0]])
    }

    @Test("CF31: allCompleted ends with the last, errors and cancellations included", arguments: Way.allCases)
    func allCompleted(way: Way) async throws {
        let some = futures
        let waited = try await wait(way, for: .allCompleted) {
            some[1].complete(.failure(Broken()))
            some[0].cancel()
            some[2].complete(.success(1))
        }
        #expect(waited == [[0, 1, 2], []])
    }

    @Test("CF32: the timeout splits what is done from what is not, and piles nothing up")
    func timeoutSplits() async {
        futures[1].complete(.success(1))
        async let waited = Future.wait(for: .allCompleted, futures, timeout: .seconds(5))
        await eventually { time.alarms == [.seconds(5)] }
        time.advance(by: .seconds(5))
        let (done, notDone) = await waited
        #expect(done.map(ObjectIdentifier.init) == [ObjectIdentifier(futures[1])])
        #expect(notDone.map(ObjectIdentifier.init) == [futures[0], futures[2]].map(ObjectIdentifier.init))
        #expect(futures[0].observerCount == 0)
    }

    @Test(
        "CF32: a timeout that has passed only looks",
        arguments: Way.allCases,
        [Duration.zero, .seconds(-1), .seconds(Int64.min)]
    )
    func zeroOnlyLooks(way: Way, timeout: Duration) async throws {
        futures[0].complete(.success(1))
        #expect(try await way.wait(for: .allCompleted, futures, timeout: timeout) == [[0], [1, 2]])
        #expect(futures[1].observerCount == 0)
    }

    @Test("CF33: duplicates count once", arguments: Way.allCases)
    func duplicatesCountOnce(way: Way) async throws {
        futures[0].complete(.success(1))
        let some = [futures[0], futures[0], futures[1], futures[0]]
        #expect(try await way.wait(for: .firstCompleted, some) == [[0], [2]])
        #expect(try await way.wait(for: .allCompleted, [futures[0], futures[0]]) == [[0], []])
    }

    @Test(
        "with no futures every condition is met",
        arguments: [FutureCondition.allCompleted, .firstCompleted, .firstError]
    )
    func nothingIsMet(condition: FutureCondition) async throws {
        for way in Way.allCases { #expect(try await way.wait(for: condition, []) == [[], []]) }
    }

    @Test("blocking for several is refused where blocking for one is: on an event loop, and in a circle")
    func refusals() async throws {
        let some = futures
        await onThread {
            EventLoopThread.markCurrent()
            for condition in [FutureCondition.allCompleted, .firstCompleted, .firstError] {
                let error = #expect(throws: ContextPoolError.self) { try Future.wait(for: condition, some) }
                #expect(error?.code == .wouldBlockLoop)
            }
        }
        let pool = try ContextPool(workers: 1)
        let own = Mutex<Future<Void>?>(nil)
        let plug = try await Plug(pool)
        let job = try pool.submit {
            if let job = own.withLock({ $0 }) { _ = try Future.wait(for: .firstCompleted, [job]) }
        }
        own.withLock { $0 = job }
        plug.release.open()
        #expect(await job.settled.poolErrorCode == .wouldDeadlock)
        own.withLock { $0 = nil }
        #expect(futures.allSatisfy { $0.observerCount == 0 })
    }

    @Test("cancelling the awaiting task ends the wait and no future; the alarm is stopped")
    func cancellingTheTaskEndsTheWait() async {
        let some = futures
        let waiting = Task { await Future.wait(for: .allCompleted, some, timeout: .seconds(5)) }
        await eventually { time.alarms.count == 1 }
        waiting.cancel()
        #expect(await waiting.value.notDone.count == 3)
        #expect(time.alarms.isEmpty)
        #expect(futures.allSatisfy { $0.state == .queued && $0.observerCount == 0 })
    }

    @Test("a wait that could never end, and does not begin, leaves nothing behind")
    func circularWaitsLeaveNothing() async throws {
        let pool = try ContextPool(workers: 1)
        let own = Mutex<Future<Int>?>(nil)
        let known = Gate()
        let job = try pool.submit { () async throws -> Int in
            await known.opened()
            let job = try #require(own.withLock { $0 })
            let before = job.observerCount
            for _ in 0..<3 { #expect(await Future.wait(for: .allCompleted, [job]).notDone.count == 1) }
            return job.observerCount - before
        }
        own.withLock { $0 = job }
        known.open()
        #expect(try await job.boundedValue == 0)
        own.withLock { $0 = nil }
    }
}
