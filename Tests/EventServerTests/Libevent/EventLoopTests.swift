import Glibc
import Synchronization
import TestSupport
import Testing

@testable import EventServer

@Suite("An event loop", .timeLimit(.minutes(1)))
struct EventLoopTests {
    /// Runs a loop on a thread of its own while `body` runs.
    private func withLoop<Result>(_ body: (EventLoop) async throws -> Result) async throws -> Result {
        let loop = try EventLoop()
        let ended = Gate()
        try LoopThread.start(name: "test-loop") {
            loop.run()
            ended.open()
        }
        let result = try await body(loop)
        loop.execute { loop.stop() }
        await ended.opened()
        return result
    }

    /// Works until the clock, which is coarse, has gone on.
    private static func work(for duration: Duration) {
        let end = EventLoop.now + duration
        while EventLoop.now < end {}
    }

    @Test("counts to a batch what its last callback has done")
    func batchEnd() throws {
        let loop = try EventLoop()
        loop.beginCallback()
        Self.work(for: .milliseconds(20))
        loop.endCallback()
        loop.beginCallback()
        #expect(loop.waited >= .milliseconds(20))
    }

    @Test("tells what runs behind other work the time as it is")
    func timeOfCalls() async throws {
        try await withLoop { loop in
            let isLater: Bool = await withCheckedContinuation { continuation in
                let end = Mutex(Duration.zero)
                loop.execute {
                    // Both are in the mailbox when it is opened next.
                    loop.execute {
                        Self.work(for: .milliseconds(20))
                        end.withLock { $0 = EventLoop.now }
                    }
                    loop.execute { continuation.resume(returning: loop.now >= end.withLock { $0 }) }
                }
            }
            #expect(isLater)
        }
    }

    @Test("brings a task back after each await")
    func comesBack() async throws {
        try await withLoop { loop in
            let places = await Task(executorPreference: loop) {
                var places = [loop.isCurrent]
                for _ in 0..<100 {
                    await Task.yield()
                    places.append(loop.isCurrent)
                    _ = await onThread { 1 }
                    places.append(loop.isCurrent)
                }
                return places
            }
            .value
            #expect(places.allSatisfy { $0 })
        }
    }

    @Test("runs calls of other threads in their order, on its own")
    func execute() async throws {
        try await withLoop { loop in
            let numbers = Mutex<[Int]>([])
            let done = Gate()
            for number in 0..<1000 {
                loop.execute {
                    #expect(loop.isCurrent)
                    numbers.withLock { $0.append(number) }
                    if number == 999 { done.open() }
                }
            }
            await done.opened()
            #expect(numbers.withLock { $0 } == Array(0..<1000))
            #expect(!loop.isCurrent)
        }
    }

    @Test("takes calls of many threads at once")
    func manyThreads() async throws {
        try await withLoop { loop in
            let count = Counter()
            let done = Gate()
            for _ in 0..<8 {
                Task.detached {
                    for _ in 0..<1000 { loop.execute { if count.next() == 8000 { done.open() } } }
                }
            }
            await done.opened()
        }
    }

    @Test("loses no task that it has when it stops")
    func stopsWithTasks() async throws {
        let released = Gate()
        let values = try await withLoop { loop in
            let tasks = (0..<50)
                .map { number in
                    Task(executorPreference: loop) {
                        await released.opened()
                        for _ in 0..<10 { await Task.yield() }
                        return number
                    }
                }
            return tasks
        }
        released.open()
        for (number, task) in values.enumerated() { #expect(await task.value == number) }
    }

    @Test("that has stopped lets tasks run elsewhere, and forgets calls")
    func afterStop() async throws {
        let loop = try await withLoop { $0 }
        let value = await Task(executorPreference: loop) { 7 }.value
        #expect(value == 7)
        weak var held: Held?
        do {
            let object = Held()
            held = object
            loop.execute { _ = object }
        }
        #expect(held == nil)
    }

    @Test("holds no call that came too late, nor itself")
    func isFreed() async throws {
        weak var freed: EventLoop?
        do {
            let loop = try await withLoop { loop in
                // The first stops the loop, and the others are left in the mailbox or come too late.
                loop.execute { loop.stop() }
                for _ in 0..<100 { loop.execute { _ = loop.isCurrent } }
                return loop
            }
            freed = loop
        }
        #expect(await isSoon { freed == nil })
    }

    @Test("serves others while a task yields for ever")
    func yieldsForEver() async throws {
        try await withLoop { loop in
            let task = Task(executorPreference: loop) {
                while !Task.isCancelled { await Task.yield() }
            }
            let reached = Gate()
            loop.execute { reached.open() }
            await reached.opened()
            task.cancel()
            await task.value
        }
    }

    @Test("that lacks its last descriptor is refused, and frees the rest once")
    func withoutDescriptor() async {
        // A process of its own, since the limit is for all of it. It comes down by one, since libevent itself ends the process
        // where an earlier descriptor is missing.
        await #expect(processExitsWith: .exitCode(7)) {
            var limit = rlimit()
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            limit.rlim_cur = 256
            while limit.rlim_cur > 0 {
                unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                do throws(ServerError) { _ = try EventLoop() } catch { exit(error.code == .system ? 7 : 2) }
                limit.rlim_cur -= 1
            }
        }
    }

    private final class Held: Sendable {}

    private final class Counter: Sendable {
        private let count = Atomic(0)

        func next() -> Int { count.add(1, ordering: .relaxed).newValue }
    }
}
