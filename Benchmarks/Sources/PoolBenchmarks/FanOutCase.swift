import ContextPool
import Dispatch
import NIOCore
import NIOPosix

/// Many jobs at once from a task, which awaits them all.
///
/// The work of a job is a count of steps, zero for an empty one.
enum FanOutCase {
    private static let jobs = 10_000
    private static let repeats = 5
    private static let workers = 2

    static func makeEmpty() -> Case { make("fan-out", steps: 0) }

    static func makeMap() -> Case {
        var map = make("map, 1 us an item", steps: Work.microsecond)
        let loop = Contender(name: "a plain loop") { try sample { Work.all(jobs, Work.microsecond) } }
        map.contenders.insert(loop, at: 0)
        return map
    }

    private static func make(_ name: String, steps: Int) -> Case {
        var contenders = Submitter.allCases.map { submitter in
            Contender(name: "ContextPool, \(submitter.rawValue)") { try pool(submitter, steps) }
        }
        contenders += [
            Contender(name: "TaskGroup") { try sample { await taskGroup(steps) } },
            Contender(name: "NIOThreadPool, futures") { try nioThreadPool(steps) },
            Contender(name: "DispatchGroup") { try dispatchGroup(steps) },
            Contender(name: "concurrentPerform") { try sample { concurrentPerform(steps) } },
        ]
        return Case(name: name, contenders: contenders)
    }

    private static func pool(_ submitter: Submitter, _ steps: Int) throws -> Sample {
        let pool = try ContextPool(workers: workers, queueLimit: jobs)
        return try sample {
            try await submitter.run(with: pool) {
                let futures = try (0..<jobs).map { item in try pool.submit { Work.run(item, steps) } }
                var sum: UInt64 = 0
                for future in futures { sum &+= try await future.value }
                return sum
            }
        }
    }

    private static func taskGroup(_ steps: Int) async -> UInt64 {
        await withTaskGroup { group in
            for item in 0..<jobs { group.addTask { Work.run(item, steps) } }
            return await group.reduce(0, &+)
        }
    }

    private static func nioThreadPool(_ steps: Int) throws -> Sample {
        let pool = NIOThreadPool(numberOfThreads: workers)
        pool.start()
        defer { try? pool.syncShutdownGracefully() }
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        return try sample {
            let futures = (0..<jobs).map { item in pool.runIfActive(eventLoop: loop) { Work.run(item, steps) } }
            return try await EventLoopFuture.whenAllSucceed(futures, on: loop).get().reduce(0, &+)
        }
    }

    private static func dispatchGroup(_ steps: Int) throws -> Sample {
        let queue = DispatchQueue(label: "benchmarks", attributes: .concurrent)
        return try sample {
            let sum = Sum()
            let group = DispatchGroup()
            for item in 0..<jobs { queue.async(group: group) { sum.add(Work.run(item, steps)) } }
            await withCheckedContinuation { continuation in
                group.notify(queue: queue) { continuation.resume() }
            }
            return sum.value
        }
    }

    private static func concurrentPerform(_ steps: Int) -> UInt64 {
        let sum = Sum()
        DispatchQueue.concurrentPerform(iterations: jobs) { sum.add(Work.run($0, steps)) }
        return sum.value
    }

    /// Fans out several times, and insists on the sum, so that nobody skips the work.
    private static func sample(_ fanOut: @escaping @Sendable () async throws -> UInt64) throws -> Sample {
        try blocking {
            var stopwatch = Stopwatch()
            var sums: Set<UInt64> = []
            stopwatch.start()
            for _ in 0..<repeats { sums.insert(try await fanOut()) }
            stopwatch.stop()
            guard sums.count == 1 else { throw WrongSum() }
            return stopwatch.sample(jobs: jobs * repeats)
        }
    }

    private struct WrongSum: Error {}
}
