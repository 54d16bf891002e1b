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
        return try blocking {
            try await EventLoopActor()
                .run {
                    try await submitter.run(with: pool) {
                        if isAsync {
                            try await sample { _ = try await pool.submit { await one() }.value }
                        } else {
                            try await sample { _ = try await pool.submit { 1 }.value }
                        }
                    }
                }
        }
    }

    private static func nioThreadPool() throws -> Sample {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        defer { try? pool.syncShutdownGracefully() }
        return try blocking {
            try await EventLoopActor()
                .run {
                    try await sample { _ = try await pool.runIfActive { 1 } }
                }
        }
    }

    private static func detachedTasks() throws -> Sample {
        try blocking {
            await EventLoopActor()
                .run {
                    await sample { _ = await Task.detached { 1 }.value }
                }
        }
    }

    private static func one() async -> Int { 1 }

    private static func sample(_ trip: () async throws -> Void) async rethrows -> Sample {
        var stopwatch = Stopwatch()
        stopwatch.start()
        for _ in 0..<trips { try await trip() }
        stopwatch.stop()
        return stopwatch.sample(jobs: trips)
    }
}

/// What is run here comes back to one thread, an event loop of NIO's, after every await.
private actor EventLoopActor {
    private let loop = MultiThreadedEventLoopGroup.singleton.any()

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.executor.asUnownedSerialExecutor() }

    func run<Value: Sendable>(_ body: @Sendable () async throws -> Value) async rethrows -> Value { try await body() }
}
