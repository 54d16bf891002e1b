import Foundation
import TestSupport
import Testing

@testable import ContextPool

@Suite("ContextPool.shutDown", .timeLimit(.minutes(1)))
struct ShutDownTests {
    @Test("MP31, CF36: finishPending: running and waiting jobs finish, new ones are refused", arguments: Lane.allCases)
    func finishPendingFinishesAll(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool, lane)
        let waiting = try (0..<50).map { number in try lane.submit(to: pool) { number } }
        async let left = pool.shutDown(.finishPending)
        await closing(pool)
        #expect(throws: ContextPoolError.shutDown(pool: "pool")) { try lane.submit(to: pool) {} }
        plug.release.open()
        #expect(await left.unfinished == 0)
        #expect(waiting.allSatisfy { $0.isFinished })
        for (number, future) in waiting.enumerated() { #expect(try await future.boundedValue == number) }
    }

    @Test(
        "MP32, CF37: cancelPending: waiting jobs never run and say so at once, the running one finishes",
        arguments: Lane.allCases
    )
    func cancelPendingRefusesTheWaiting(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool, lane)
        let hasRun = Gate()
        let waiting = try (0..<3).map { _ in try lane.submit(to: pool) { hasRun.open() } }
        #expect(await pool.shutDown(.cancelPending, within: .zero).unfinished == 1)
        // The plug still holds the only worker: the others are told all the same.
        for future in waiting {
            #expect(future.isFinished)
            #expect(await future.settled.poolErrorCode == .shutDown)
            #expect(!future.isCancelled)
        }
        #expect(!plug.future.isFinished)
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        try await plug.future.boundedValue
        #expect(!hasRun.isOpen)
    }

    @Test("cancelPending may follow finishPending", arguments: Lane.allCases)
    func cancelPendingMayFollow(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool, lane)
        let waiting = try lane.submit(to: pool) { 1 }
        async let first = pool.shutDown(.finishPending)
        await closing(pool)
        #expect(await pool.shutDown(.cancelPending, within: .zero).unfinished == 1)
        #expect(waiting.isFinished)
        #expect(await waiting.settled.poolErrorCode == .shutDown)
        plug.release.open()
        #expect(await first.unfinished == 0)
    }

    @Test("finishPending after cancelPending brings nothing back", arguments: Lane.allCases)
    func finishPendingBringsNothingBack(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let waiting = try lane.submit(to: pool) { 1 }
        await pool.shutDown(.cancelPending, within: .zero)
        await pool.shutDown(.finishPending, within: .zero)
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(await waiting.settled.poolErrorCode == .shutDown)
    }

    @Test("MP31: it may be called many times at once, before, during and after")
    func shutDownMayBeRepeated() async throws {
        let pool = try ContextPool(workers: 2)
        let plug = try await Plug(pool)
        let left = await withTaskGroup(of: Int.self) { group in
            for number in 0..<16 {
                group.addTask {
                    await pool.shutDown(number.isMultiple(of: 2) ? .finishPending : .cancelPending).unfinished
                }
            }
            group.addTask {
                plug.release.open()
                return 0
            }
            return await group.reduce(0, +)
        }
        #expect(left == 0)
        #expect(await pool.shutDown().unfinished == 0)
        #expect(await pool.shutDown(.cancelPending).unfinished == 0)
    }

    @Test(
        "an idle pool closes at once, whatever the limit",
        arguments: [
            nil, Duration.zero, .seconds(-1), .seconds(Int64.min), .seconds(Int64.max), .seconds(Int64.max) * 10,
        ]
    )
    func idlePoolsCloseAtOnce(limit: Duration?) async throws {
        #expect(try await ContextPool(workers: 2).shutDown(within: limit).unfinished == 0)
    }

    @Test(
        "a limit that has passed returns how many are left",
        arguments: [
            Duration.zero, .seconds(-1), .seconds(Int64.min), .nanoseconds(1), .milliseconds(1),
        ]
    )
    func passedLimitsReturn(limit: Duration) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let waiting = try pool.submit(named: "waiting") { 1 }
        let report = await pool.shutDown(within: limit)
        #expect(report.unfinished == 1, "the plug")
        #expect(report.neverRan.map(\.name) == ["waiting"])
        #expect(await waiting.settled.poolErrorCode == .shutDown)
        for _ in 0..<20 { #expect(await pool.shutDown(within: limit).unfinished == 1) }
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("a limit of ages waits for the jobs", arguments: [Duration.seconds(Int64.max), .seconds(Int64.max) * 10])
    func limitsOfAgesWait(limit: Duration) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        async let left = pool.shutDown(within: limit)
        await closing(pool)
        plug.release.open()
        #expect(await left.unfinished == 0)
    }

    @Test("when it returns, every callback has run", arguments: Lane.allCases)
    func callbacksHaveRun(lane: Lane) async throws {
        let pool = try ContextPool(workers: 2)
        let ran = Turnstile()
        for _ in 0..<100 { try lane.submit(to: pool) {}.whenComplete { _ in ran.pass() } }
        await pool.shutDown()
        #expect(ran.count == 100)
    }

    @Test("a job of a closing pool that submits gets a typed error", arguments: Lane.allCases)
    func jobsOfAClosingPoolAreRefused(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let (runs, isClosing) = (Gate(), Gate())
        let job = try lane.submit(to: pool) {
            runs.open()
            isClosing.wait()
            return try pool.submit { 1 }
        }
        await runs.opened()
        async let left = pool.shutDown()
        await closing(pool)
        isClosing.open()
        #expect(await job.settled.poolErrorCode == .shutDown)
        #expect(await left.unfinished == 0)
    }

    @Test("an async job that is suspended when the pool closes finishes on its workers")
    func suspendedJobsFinish() async throws {
        let pool = try ContextPool(workers: 1, name: "closing")
        let (isSuspended, go) = (Gate(), Gate())
        let job = try pool.submit { () async throws -> String in
            isSuspended.open()
            await go.opened()
            return currentThreadName()
        }
        await isSuspended.opened()
        #expect(await pool.shutDown(.cancelPending, within: .zero).unfinished == 1)
        go.open()
        #expect(try await job.boundedValue == "closing-1")
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("a foreign task that prefers a closed pool goes on elsewhere")
    func foreignTasksGoOn() async throws {
        let pool = try ContextPool(workers: 1, name: "closed")
        let (runs, go, worker) = (Gate(), Gate(), Record<String>())
        let task = Task(executorPreference: pool) {
            // Not by their names: a thread has that of the thread which started it.
            worker.append(currentThreadID())
            runs.open()
            await go.opened()
            return currentThreadID()
        }
        await runs.opened()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        // Only when its worker is gone it is sure to be suspended: neither a gate that opens at once nor a yield makes it so.
        await eventually { worker.elements.allSatisfy { !FileManager.default.fileExists(atPath: "/proc/\($0)") } }
        go.open()
        #expect(await task.value != worker.elements[0])
        #expect(await Task(executorPreference: pool) { 1 }.value == 1)
    }

    @Test("CF39: submit and cancel right before shutDown does not hang", arguments: Lane.allCases)
    func cancelBeforeShutDown(lane: Lane) async throws {
        for _ in 0..<100 {
            let pool = try ContextPool(workers: 1)
            let futures = try (0..<4).map { _ in try lane.submit(to: pool) {} }
            for future in futures { future.cancel() }
            #expect(await pool.shutDown(within: patience).unfinished == 0)
            #expect(futures.allSatisfy { $0.isFinished })
        }
    }

    @Test("begin, cancel, shutDown and dying workers may race: every future completes, no count drifts")
    func everythingMayRace() async throws {
        for round in 0..<30 {
            let pool = try ContextPool(workers: 2, queueLimit: 200)
            var futures: [Future<Int>] = []
            for number in 0..<100 {
                futures.append(
                    number.isMultiple(of: 3)
                        ? try pool.submit { () async throws -> Int in
                            await Task.yield()
                            return number
                        }
                        : try pool.submit {
                            if number == 50 { exitThread() }
                            return number
                        }
                )
            }
            let submitted = futures
            let left = await withTaskGroup(of: Int.self) { group in
                for half in 0..<2 {
                    group.addTask {
                        for (number, future) in submitted.enumerated() where number % 4 == half { future.cancel() }
                        return 0
                    }
                }
                group.addTask {
                    await pool.shutDown(round.isMultiple(of: 2) ? .cancelPending : .finishPending, within: patience)
                        .unfinished
                }
                return await group.reduce(0, +)
            }
            #expect(left == 0)
            #expect(submitted.allSatisfy { $0.isFinished })
            #expect(pool.queue.unfinished == 0)
        }
    }

    /// Returns once the pool refuses, so that a shutdown started beside the test has begun.
    private func closing(_ pool: ContextPool) async {
        await onThread {
            while true {
                do { try pool.submit {}.cancel() } catch { return }
            }
        }
    }

    @Test("a step that runs is told of cancelAll")
    func aStepIsToldOfCancelAll() async throws {
        let pool = try ContextPool(workers: 1)
        let (started, go) = (Gate(), Gate())
        let step = try pool.submit {}
            .map { () -> Bool in
                started.open()
                go.wait()
                return CurrentJob.isCancelled
            }
        await started.opened()
        let end = Task { await pool.shutDown(.cancelAll, within: patience) }
        await eventually { pool.queue.state.withLock { $0.phase != .open && $0.closers.count == 1 } }
        go.open()
        #expect(try await step.boundedValue)
        _ = await end.value
    }
}
