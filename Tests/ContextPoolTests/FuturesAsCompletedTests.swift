import TestSupport
import Testing

@testable import ContextPool

@Suite("asCompleted", .timeLimit(.minutes(1)))
struct FuturesAsCompletedTests {
    private let time = ManualClock()
    private let futures: [Future<Int>]

    init() { futures = (0..<4).map { [time] _ in time.promise() } }

    private func position(_ future: Future<Int>?) -> Int? { futures.firstIndex { $0 === future } }

    @Test("a job that iterates over its own future is told instead of waiting for ever, and others first yield")
    func ownFutures() async throws {
        let pool = try ContextPool(workers: 1)
        let (own, isThere, seen) = (Record<Future<Int>>(), Gate(), Record<Int>())
        let other = try pool.submit { 7 }
        let job = try pool.submit { () async throws -> Int in
            await isThere.opened()
            for try await future in Future.asCompleted([own.elements[0], other]) { seen.append(try await future.value) }
            return 1
        }
        own.append(job)
        isThere.open()
        #expect(await job.settled.poolErrorCode == .wouldDeadlock)
        #expect(seen.elements == [7])
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("CF35: every future comes once, in the order of completion, whatever its outcome")
    func everyFutureComes() async throws {
        futures[2].complete(.success(2))
        var iterator = Future.asCompleted(futures).makeAsyncIterator()
        #expect(position(try await iterator.next()) == 2)
        futures[3].complete(.failure(Broken()))
        futures[0].cancel()
        #expect(position(try await iterator.next()) == 3)
        #expect(position(try await iterator.next()) == 0)
        let last = futures[1]
        async let late = Task.immediate { last.complete(.success(1)) }.value
        #expect(position(try await iterator.next()) == 1)
        #expect(try await iterator.next() == nil)
        #expect(try await iterator.next() == nil)
        await late
    }

    @Test("CF35: a reader that waits is woken by each completion, from whichever thread")
    func readersAreWoken() async throws {
        let pool = try ContextPool(workers: 3)
        let futures = try (0..<100).map { number in try pool.submit { number } }
        var seen: Set<Int> = []
        for try await future in Future.asCompleted(futures) {
            #expect(future.isFinished)
            seen.insert(try await future.value)
        }
        #expect(seen == Set(0..<100))
    }

    @Test("CF35: duplicates come once, and an empty list ends at once")
    func duplicatesComeOnce() async throws {
        futures[0].complete(.success(1))
        var count = 0
        for try await _ in Future.asCompleted([futures[0], futures[0], futures[0]]) { count += 1 }
        for try await _ in Future.asCompleted([Future<Int>]()) { count += 100 }
        #expect(count == 1)
    }

    @Test("CF35: the timeout says how many of how many are unfinished, after what is complete was yielded")
    func timeoutTellsTheNumbers() async throws {
        var iterator = Future.asCompleted(futures, timeout: .seconds(3)).makeAsyncIterator()
        #expect(time.alarms == [.seconds(3)])
        futures[1].complete(.success(1))
        time.advance(by: .seconds(3))
        #expect(position(try await iterator.next()) == 1)
        let error = await #expect(throws: ContextPoolError.self) { try await iterator.next() }
        #expect(error?.code == .timedOut)
        #expect(error?.description.hasPrefix("3 (of 4) futures unfinished") == true)
        #expect(futures.allSatisfy { !$0.isCancelled })
    }

    @Test("a reader that waits is woken by the timeout")
    func readersAreWokenByTheTimeout() async throws {
        let sequence = Future.asCompleted([futures[0]], timeout: .seconds(3))
        let reading = Task { () async throws -> Bool in
            for try await _ in sequence {}
            return false
        }
        time.advance(by: .seconds(3))
        await #expect(throws: ContextPoolError.unfinished(1, of: 1, after: .seconds(3))) { try await reading.value }
    }

    @Test("a timeout of zero yields what is complete already", arguments: [Duration.zero, .seconds(-5)])
    func zeroYieldsWhatIsThere(timeout: Duration) async throws {
        futures[3].complete(.success(1))
        var iterator = Future.asCompleted(futures, timeout: timeout).makeAsyncIterator()
        #expect(position(try await iterator.next()) == 3)
        await #expect(throws: ContextPoolError.unfinished(3, of: 4, after: timeout)) { try await iterator.next() }
    }

    @Test("a reader whose task is cancelled gets the end")
    func cancelledReadersEnd() async throws {
        let sequence = Future.asCompleted(futures)
        let first = futures[0]
        let reading = Task { () async throws -> Int in
            var count = 0
            for try await _ in sequence { count += 1 }
            return count
        }
        await eventually { first.observerCount > 0 }
        reading.cancel()
        #expect(try await reading.value == 0)
        #expect(futures.allSatisfy { $0.state == .queued })
    }

    @Test("CF35: yielded futures are released, and with the sequence all of them")
    func yieldedFuturesAreReleased() async throws {
        let pending = Future<Int>.promise()
        func make() -> (FuturesAsCompleted<Int>, Weak<Future<Int>>) {
            let done = Future<Int>.promise()
            done.complete(.success(1))
            return (Future.asCompleted([done, pending]), Weak(done))
        }
        func read(_ iterator: inout FuturesAsCompleted<Int>.Iterator) async throws {
            #expect(try await iterator.next()?.boundedValue == 1)
        }
        func run() async throws {
            let (sequence, done) = make()
            var iterator = sequence.makeAsyncIterator()
            #expect(done.object != nil)
            try await read(&iterator)
            await eventually { done.object == nil }
            #expect(pending.observerCount == 1)
        }
        try await run()
        #expect(pending.observerCount == 0)
    }

    @Test("the alarm of a sequence that is dropped is stopped")
    func alarmsAreStopped() {
        func drop() {
            let sequence = Future.asCompleted(futures, timeout: .seconds(3600))
            #expect(time.alarms.count == 1)
            withExtendedLifetime(sequence) {}
        }
        drop()
        #expect(time.alarms.isEmpty)
        #expect(futures.allSatisfy { $0.observerCount == 0 })
    }
}
