import ContextPool
import Dispatch
import NIOPosix

/// The call of `submit` alone, on the thread that makes it: the workers are held meanwhile.
enum SubmitCase {
    private static let batch = 10_000
    private static let batches = 10

    @TaskLocal private static var tenant = "none"

    static func make(_ flask: FlaskThreads?) -> Case {
        var contenders = [
            Contender(name: "ContextPool, no context") { try pool(.plain) },
            Contender(name: "ContextPool, in a request") { try pool(.request) },
            Contender(name: "ContextPool, in a request, one propagator") {
                try $tenant.withValue("acme") {
                    try pool(.request, propagators: [.taskLocal($tenant, name: "tenant")])
                }
            },
            Contender(name: "NIOThreadPool.submit", measure: nioThreadPool),
            Contender(name: "DispatchQueue.async", measure: dispatchQueue),
            Contender(name: "Task.detached", measure: detachedTasks),
        ]
        if let flask {
            contenders += [1, 4].map { flask.contender("submit", workers: $0) }
        }
        return Case(
            name: "submit call",
            contenders: contenders,
            differences: [
                ("the context's cost", of: "ContextPool, in a request", beyond: "ContextPool, no context"),
                (
                    "one propagator's cost", of: "ContextPool, in a request, one propagator",
                    beyond: "ContextPool, in a request"
                ),
            ]
        )
    }

    private static func pool(_ submitter: Submitter, propagators: [ContextPropagator] = []) throws -> Sample {
        let pool = try ContextPool(workers: 1, queueLimit: batch + 2, propagators: propagators)
        return try submitter.run(with: pool) {
            try sample { plug in
                try pool.submit { plug.hold() }
            } submit: {
                for _ in 0..<batch { try pool.submit {} }
            } drain: { drained in
                try pool.submit { drained.arrive() }
            }
        }
    }

    private static func nioThreadPool() throws -> Sample {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        defer { try? pool.syncShutdownGracefully() }
        return try sample { plug in
            pool.submit { _ in plug.hold() }
        } submit: {
            for _ in 0..<batch { pool.submit { _ in } }
        } drain: { drained in
            pool.submit { _ in drained.arrive() }
        }
    }

    private static func dispatchQueue() throws -> Sample {
        let queue = DispatchQueue(label: "benchmarks", attributes: .concurrent)
        return try sample { plug in
            // As a barrier: a concurrent queue would go on beside it.
            queue.async(flags: .barrier) { plug.hold() }
        } submit: {
            for _ in 0..<batch { queue.async {} }
        } drain: { drained in
            queue.async(flags: .barrier) { drained.arrive() }
        }
    }

    private static func detachedTasks() throws -> Sample {
        let threads = Machine.processors
        return try sample(held: threads) { plug in
            for _ in 0..<threads { Task.detached { plug.hold() } }
        } submit: {
            for _ in 0..<batch { Task.detached {} }
        } drain: { drained in
            // Not quite the last ones with several threads, but all the others have been taken by then.
            Task.detached { drained.arrive() }
        }
    }

    /// Runs the batches, of which only `submit` is timed.
    private static func sample(
        held: Int = 1,
        hold: (Plug) throws -> Void,
        submit: () throws -> Void,
        drain: (Countdown) throws -> Void
    ) throws -> Sample {
        var stopwatch = Stopwatch()
        for _ in 0..<batches {
            let plug = Plug()
            try hold(plug)
            plug.waitUntilHeld(held)
            stopwatch.start()
            try submit()
            stopwatch.stop()
            let drained = Countdown(1)
            try drain(drained)
            plug.release(held)
            drained.wait()
        }
        return stopwatch.sample(jobs: batch * batches)
    }
}
