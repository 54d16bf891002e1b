import CAllocationCounter
import ContextPool
import Dispatch
import Glibc

/// Counts what a job allocates, exactly, and fails where that is more than it was.
@main
enum PoolAllocations {
    private typealias Submit = (ContextPool) throws -> Void

    private static let jobs = 1_000

    static func main() throws {
        let counts = [
            try count("no context", allowed: 2) { try $0.submit {} },
            try count("in a request", inRequest: true, allowed: 5) { try $0.submit {} },
            try count("in a request, detached", inRequest: true, allowed: 5) { try $0.submit(.detached) {} },
            try count("no context, with a value", allowed: 3) { try $0.submit { 1 } },
        ]
        print("| a job | allocations at submit | until its end | allowed |\n|---|---:|---:|---:|")
        for count in counts { print(count) }
        if counts.contains(where: { $0.untilEnd > Double($0.allowed) }) { exit(1) }
    }

    private static func count(
        _ name: String,
        inRequest: Bool = false,
        allowed: Int,
        _ submit: Submit
    ) throws -> Count {
        let pool = try ContextPool(workers: 1, queueLimit: jobs + 1)
        guard inRequest else { return try count(name, allowed, pool, submit) }
        let request = RequestContext(app: AppContext(name: "allocations", pool: pool))
        return try RequestContext.withCurrent(request) { try count(name, allowed, pool, submit) }
    }

    private static func count(_ name: String, _ allowed: Int, _ pool: ContextPool, _ submit: Submit) throws -> Count {
        // The first time the storage of the queue and of the request grows, which is no job's.
        _ = try countOnce(pool, submit)
        let (atSubmit, untilEnd) = try countOnce(pool, submit)
        return Count(name: name, atSubmit: atSubmit, untilEnd: untilEnd, allowed: allowed)
    }

    private static func countOnce(_ pool: ContextPool, _ submit: Submit) throws -> (atSubmit: Double, untilEnd: Double)
    {
        let (held, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try pool.submit(.detached) {
            held.signal()
            release.wait()
        }
        held.wait()
        let before = allocation_count()
        for _ in 0..<jobs { try submit(pool) }
        let submitted = allocation_count()
        release.signal()
        while pool.unfinishedJobs > 0 { sched_yield() }
        return (
            Double(submitted - before) / Double(jobs), Double(allocation_count() - before) / Double(jobs)
        )
    }

    private struct Count: CustomStringConvertible {
        let name: String
        let atSubmit: Double
        let untilEnd: Double
        let allowed: Int

        var description: String { "| \(name) | \(atSubmit) | \(untilEnd) | \(allowed) |" }
    }
}
