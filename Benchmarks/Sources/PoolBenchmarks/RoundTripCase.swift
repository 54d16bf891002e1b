import ContextPool
import Dispatch
import NIOPosix

/// One job after the other from a plain thread, which blocks for each value.
enum RoundTripCase {
    private static let trips = 20_000

    static func make(_ flask: FlaskThreads?) -> Case {
        var contenders = Submitter.allCases.map { submitter in
            Contender(name: "ContextPool, \(submitter.rawValue)") { try pool(submitter) }
        }
        contenders += [
            Contender(name: "NIOThreadPool and a semaphore", measure: nioThreadPool),
            Contender(name: "DispatchQueue and a semaphore", measure: dispatchQueue),
            Contender(name: "Task.detached and a semaphore", measure: detachedTasks),
        ]
        if let flask { contenders += [1, 4].map { flask.contender("round-trip", workers: $0) } }
        return Case(name: "round trip, thread", contenders: contenders)
    }

    private static func pool(_ submitter: Submitter) throws -> Sample {
        let pool = try ContextPool(workers: 1)
        return try submitter.run(with: pool) {
            try sample { _ = try pool.submit { 1 }.wait() }
        }
    }

    private static func nioThreadPool() -> Sample {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        defer { try? pool.syncShutdownGracefully() }
        let done = DispatchSemaphore(value: 0)
        return sample {
            pool.submit { _ in done.signal() }
            done.wait()
        }
    }

    private static func dispatchQueue() -> Sample {
        let queue = DispatchQueue(label: "benchmarks", attributes: .concurrent)
        let done = DispatchSemaphore(value: 0)
        return sample {
            queue.async { done.signal() }
            done.wait()
        }
    }

    private static func detachedTasks() -> Sample {
        let done = DispatchSemaphore(value: 0)
        return sample {
            Task.detached { done.signal() }
            done.wait()
        }
    }

    private static func sample(_ trip: () throws -> Void) rethrows -> Sample {
        var stopwatch = Stopwatch()
        stopwatch.start()
        for _ in 0..<trips { try trip() }
        stopwatch.stop()
        return stopwatch.sample(jobs: trips)
    }
}
