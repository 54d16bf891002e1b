import ContextPool
import NIOCore
import NIOPosix

/// One job after the other from a task that lives on an event loop, which awaits each value: the way of a handler.
enum LoopTripCase {
    private static let trips = 20_000

    static func make() -> Case {
        var contenders = Submitter.allCases.map { submitter in
            Contender(name: "ContextPool, \(submitter.rawValue)") { try pool(submitter) }
        }
        contenders += [
            Contender(name: "ContextPool, in a request, async closure") { try pool(.request, isAsync: true) },
            Contender(name: "NIOThreadPool.runIfActive", measure: nioThreadPool),
            Contender(name: "Task.detached.value", measure: detachedTasks),
        ]
        return Case(name: "round trip, task on a loop", contenders: contenders)
    }

    private static func pool(_ submitter: Submitter, isAsync: Bool = false) throws -> Sample {
        let pool = try ContextPool(workers: 1)
        let loop = LoopExecutor()
        return try loop.run {
            try await submitter.run(with: pool) {
                if isAsync {
                    try await sample(on: loop) { _ = try await pool.submit { await one() }.value }
                } else {
                    try await sample(on: loop) { _ = try await pool.submit { 1 }.value }
                }
            }
        }
    }

    private static func nioThreadPool() throws -> Sample {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        defer { try? pool.syncShutdownGracefully() }
        let loop = LoopExecutor()
        return try loop.run {
            try await sample(on: loop) { _ = try await pool.runIfActive { 1 } }
        }
    }

    private static func detachedTasks() throws -> Sample {
        let loop = LoopExecutor()
        return try loop.run {
            try await sample(on: loop) { _ = await Task.detached { 1 }.value }
        }
    }

    private static func one() async -> Int { 1 }

    private static func sample(on loop: LoopExecutor, _ trip: () async throws -> Void) async throws -> Sample {
        var stopwatch = Stopwatch()
        stopwatch.start()
        for _ in 0..<trips { try await trip() }
        stopwatch.stop()
        try loop.requireLoop()
        return stopwatch.sample(jobs: trips)
    }
}

/// An event loop of NIO's as the preference of a task: what runs on it comes back to one thread after every await.
///
/// An actor with the loop's own executor was tried: where its closures ran depended on the task-local's scope around them.
private final class LoopExecutor: TaskExecutor {
    private let loop = MultiThreadedEventLoopGroup.singleton.any()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // Unowned by their types only: the closure holds the executor, and runs the job exactly once.
        loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Runs `body` in a task that prefers the loop, from a plain thread.
    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
        try blocking { try await Task(executorPreference: self) { try await body() }.value }
    }

    func requireLoop() throws {
        guard loop.inEventLoop else { throw NotOnLoop() }
    }

    private struct NotOnLoop: Error {}
}
