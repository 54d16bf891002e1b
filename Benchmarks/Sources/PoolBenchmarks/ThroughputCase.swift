import ContextPool
import Dispatch
import NIOPosix

/// Empty jobs from one thread, until the last of them has run: submitting and running get in each other's way.
enum ThroughputCase {
    private static let jobs = 200_000

    static func make(_ flask: FlaskThreads?) -> Case {
        var contenders: [Contender] = []
        for workers in [1, 2, 4] {
            for submitter in Submitter.allCases {
                contenders.append(
                    Contender(name: "ContextPool of \(workers), \(submitter.rawValue)") {
                        try pool(workers, submitter)
                    }
                )
            }
            contenders.append(Contender(name: "NIOThreadPool of \(workers)") { try nioThreadPool(workers) })
        }
        contenders += [
            Contender(name: "DispatchQueue, serial") { try dispatchQueue([]) },
            Contender(name: "DispatchQueue, concurrent") { try dispatchQueue(.concurrent) },
            Contender(name: "Task.detached", measure: detachedTasks),
        ]
        if let flask { contenders += [1, 4].map { flask.contender("throughput", workers: $0) } }
        return Case(name: "throughput", contenders: contenders)
    }

    private static func pool(_ workers: Int, _ submitter: Submitter) throws -> Sample {
        let pool = try ContextPool(workers: workers, queueLimit: jobs)
        return try submitter.run(with: pool) {
            try sample { done in
                for _ in 0..<jobs { try pool.submit { done.arrive() } }
            }
        }
    }

    private static func nioThreadPool(_ threads: Int) throws -> Sample {
        let pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
        defer { try? pool.syncShutdownGracefully() }
        return try sample { done in
            for _ in 0..<jobs { pool.submit { _ in done.arrive() } }
        }
    }

    private static func dispatchQueue(_ attributes: DispatchQueue.Attributes) throws -> Sample {
        let queue = DispatchQueue(label: "benchmarks", attributes: attributes)
        return try sample { done in
            for _ in 0..<jobs { queue.async { done.arrive() } }
        }
    }

    private static func detachedTasks() throws -> Sample {
        try sample { done in
            for _ in 0..<jobs { Task.detached { done.arrive() } }
        }
    }

    private static func sample(_ submit: (Countdown) throws -> Void) throws -> Sample {
        let done = Countdown(jobs)
        var stopwatch = Stopwatch()
        stopwatch.start()
        try submit(done)
        done.wait()
        stopwatch.stop()
        return stopwatch.sample(jobs: jobs)
    }
}
