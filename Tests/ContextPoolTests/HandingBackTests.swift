import TestSupport
import Testing

@testable import ContextPool

@Suite("submit(handingBack:) and submit(context:)", .timeLimit(.minutes(1)))
struct HandingBackTests {
    @Test("what a job changed comes back where it was asked for, and is merged by the caller")
    func changesComeBack() async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool, user: "ann")
        let (future, asyncFuture) = try RequestContext.withCurrent(request) {
            (
                try pool.submit(handingBack: true) { try RequestContext.require().g.count = 3 },
                try pool.submit(handingBack: true) { () async throws -> Void in
                    try RequestContext.require().g.user = "bob"
                }
            )
        }
        let changes = try await future.values
        #expect(request.g.count == 0, "not by accident")
        #expect(request.merge(changes).isEmpty)
        #expect(request.g.count == 3)
        request.g.user = "carl"
        #expect(request.merge(try await asyncFuture.values).map(\.name) == ["user"], "both have changed it")
        #expect(request.g.user == "carl")
    }

    @Test("changes of a job that failed come back as well; of one that nobody asked, or that never ran, they do not")
    func failures() async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool)
        let failed = try RequestContext.withCurrent(request) {
            try pool.submit(handingBack: true) {
                try RequestContext.require().g.count = 4
                throw Broken()
            }
        }
        #expect(request.merge(try await failed.values).isEmpty)
        #expect(request.g.count == 4)
        let unasked = try RequestContext.withCurrent(request) {
            try pool.submit { try RequestContext.require().g.count = 5 }
        }
        await #expect(throws: ContextError.self) { try await unasked.values }
        let plug = try await Plug(pool)
        let cancelled = try pool.submit(handingBack: true) {}
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.values }
        plug.release.open()
    }

    @Test(
        "a selection at submit replaces the pool's, and one that the pool cannot carry is refused",
        arguments: Lane.allCases
    )
    func selections(lane: Lane) async throws {
        let pool = try ContextPool(
            workers: 1,
            propagators: [.taskLocal(Ambient.$trace, name: "trace")],
            context: .except(names: ["user"], propagators: ["trace"])
        )
        let request = RequestContext.make(pool: pool, user: "ann")
        request.g.count = 7
        @Sendable func look() throws -> [String] {
            let context = try RequestContext.require()
            return [context.g.user, "\(context.g.count)", Ambient.trace]
        }
        func submit(_ selection: ContextSelection?) throws -> Future<[String]> {
            try Ambient.$trace.withValue("abc") {
                try RequestContext.withCurrent(request) {
                    switch lane {
                    case .closure: try pool.submit(context: selection) { try look() }
                    case .async: try pool.submit(context: selection) { () async throws -> [String] in try look() }
                    }
                }
            }
        }
        #expect(try await submit(nil).boundedValue == ["nobody", "7", "no trace"])
        #expect(try await submit(.all).boundedValue == ["ann", "7", "abc"])
        #expect(try await submit(.only(names: ["user"])).boundedValue == ["ann", "0", "no trace"])
        #expect(await (try submit(.appOnly)).settled.error is ContextError)
        let unknown = try ContextSelection.only(propagators: ["locale"])
        #expect(throws: ContextPoolError.self) { try submit(unknown) }
        #expect(throws: ContextPoolError.self) { try ContextPool(workers: 1, context: unknown) }
    }
}
