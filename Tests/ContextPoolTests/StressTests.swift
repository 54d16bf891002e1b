import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ContextPool

/// 256 users share one pool that was made at start-up, and each of their jobs looks whose it is.
///
/// 50,000 jobs as a rule, a million with `make soak`.
@Suite("Stress", .timeLimit(.minutes(30)))
struct StressTests {
    private static let jobs = ProcessInfo.processInfo.environment["BATON_SOAK"] == nil ? 50_000 : 1_000_000
    private static let users = 256
    private static let threads = 4

    /// What all of them write down.
    private final class Tally: Sendable {
        let accepted = Atomic<Int>(0)
        let ran = Atomic<Int>(0)
        let strangers = Atomic<Int>(0)
        let lost = Atomic<Int>(0)
        let cancelled = Atomic<Int>(0)
        let belongings = Atomic<Int>(0)
    }

    /// What a user has in his request; as many die as are born.
    private final class Belonging: Sendable {
        private let tally: Tally

        init(_ tally: Tally) {
            self.tally = tally
            tally.belongings.add(1, ordering: .relaxed)
        }

        deinit { tally.belongings.subtract(1, ordering: .relaxed) }
    }

    private enum BelongingKey: ContextKey {
        static let name = "belonging"
        static let defaultValue: Belonging? = nil
    }

    @Test(
        "OB1: 256 users, nested jobs, steps, cancellations and requests that end at any time: nobody sees another's name"
    )
    func nobodySeesAnother() async throws {
        let tally = Tally()
        let pool = try ContextPool(
            workers: 4,
            queueLimit: 100_000,
            name: "shared",
            propagators: [.taskLocal(Ambient.$tenant, name: "tenant")]
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<Self.threads {
                group.addTask {
                    try await onThread {
                        var random = SeededGenerator(seed: UInt64(thread))
                        while tally.accepted.load(ordering: .relaxed) < Self.jobs {
                            try Self.round(thread, pool, tally, &random)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(await pool.shutDown(within: .seconds(60)).unfinished == 0)
        #expect(tally.strangers.load(ordering: .relaxed) == 0, "a job saw another user's name")
        #expect(tally.lost.load(ordering: .relaxed) == 0, "a future did not complete")
        #expect(tally.ran.load(ordering: .relaxed) > Self.jobs / 2)
        #expect(tally.cancelled.load(ordering: .relaxed) > 0)
        #expect(pool.contextLeaks == 0 && pool.queue.unfinished == 0)
        await eventually { tally.belongings.load(ordering: .relaxed) == 0 }
        print(
            "stress: \(tally.accepted.load(ordering: .relaxed)) jobs, \(tally.ran.load(ordering: .relaxed)) ran,",
            "\(tally.cancelled.load(ordering: .relaxed)) were cancelled"
        )
    }

    /// Each user of a thread has a request open at the same time as the others; they end one by one, in between.
    private static func round(
        _ thread: Int,
        _ pool: ContextPool,
        _ tally: Tally,
        _ random: inout some RandomNumberGenerator
    ) throws {
        let app = AppContext(name: "stress", pool: pool)
        let share = users / threads
        var open: [(request: RequestContext, futures: [Future<Void>])] = []
        for user in thread * share..<(thread + 1) * share {
            var values = ContextValues()
            values.user = "user \(user)"
            values[BelongingKey.self] = Belonging(tally)
            let request = RequestContext(app: app, values: values)
            let name = values.user
            let futures = try RequestContext.withCurrent(request) {
                try Ambient.$tenant.withValue(name) {
                    try (0..<8).flatMap { try submit($0, name, pool, tally) }
                }
            }
            open.append((request, futures))
            // The name in the request changes while its jobs wait and run: they have their own.
            request.g.user = "changed"
            end(&open, &random)
        }
        for (request, futures) in open {
            for future in futures { settle(future, tally) }
            request.tearDown()
        }
    }

    private static func submit(
        _ number: Int,
        _ name: String,
        _ pool: ContextPool,
        _ tally: Tally
    ) throws -> [Future<Void>] {
        tally.accepted.add(1, ordering: .relaxed)
        let isNested = number == 3 || number == 6
        let lifetime: JobLifetime = number == 7 ? .detached : .withRequest
        let future: Future<Void> =
            number.isMultiple(of: 2)
            ? try pool.submit(lifetime) {
                look(name, tally)
                if isNested { _ = try? submit(0, name, pool, tally) }
            }
            : try pool.submit(lifetime) { () async throws in
                look(name, tally)
                await Task.yield()
                look(name, tally)
                if isNested { _ = try? submit(1, name, pool, tally) }
            }
        guard number == 5 else { return [future] }
        tally.accepted.add(1, ordering: .relaxed)
        return [future, future.map { look(name, tally) }]
    }

    private static func look(_ name: String, _ tally: Tally) {
        tally.ran.add(1, ordering: .relaxed)
        let context = RequestContext.current
        let isOwn = context?.g.user == name && Ambient.tenant == name && context?.g[BelongingKey.self] != nil
        if !isOwn { tally.strangers.add(1, ordering: .relaxed) }
        // What the next job of anybody must not see.
        context?.g.user = "somebody else"
        context?.g.user = name
    }

    /// Ends, cancels or leaves alone some request that is open.
    private static func end(
        _ open: inout [(request: RequestContext, futures: [Future<Void>])],
        _ random: inout some RandomNumberGenerator
    ) {
        guard let one = open.randomElement(using: &random) else { return }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: one.request.cancel()
        case 1: one.request.tearDown()
        case 2: one.futures.randomElement(using: &random)?.cancel()
        default: break
        }
    }

    private static func settle(_ future: Future<Void>, _ tally: Tally) {
        do { try future.wait(timeout: .seconds(60)) } catch {
            let code = (error as? ContextPoolError)?.code
            if error is CancellationError || code == .requestCancelled {
                tally.cancelled.add(1, ordering: .relaxed)
            } else {
                tally.lost.add(1, ordering: .relaxed)
            }
        }
    }
}
