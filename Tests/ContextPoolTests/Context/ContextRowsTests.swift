import TestSupport
import Testing

@testable import ContextPool

/// What the test suites of other context libraries ask for and the laws leave open; the rows are those of the checklist.
@Suite("The rows of the checklist", .timeLimit(.minutes(1)))
struct ContextRowsTests {
    let pool: ContextPool
    let request: RequestContext

    init() throws {
        pool = try ContextPool(workers: 2, propagators: [.taskLocal(Ambient.$tenant, name: "tenant")])
        request = .make(pool: pool)
    }

    @Test(
        "SR1: each of two requests' jobs sees its request, though that has cleared itself, on one worker and on two",
        arguments: [1, 2],
        Lane.allCases
    )
    func twoRequests(workers: Int, lane: Lane) async throws {
        let pool = try ContextPool(workers: workers)
        let plugs = [try await Plug(pool), workers == 2 ? try await Plug(pool) : nil]
        let futures = try ["ann", "bea"]
            .map { user in
                let request = RequestContext.make(pool: pool, user: user)
                defer {
                    request.g = ContextValues()
                    request.tearDown()
                }
                return try RequestContext.withCurrent(request) {
                    try (0..<20).map { _ in try lane.submit(to: pool) { try RequestContext.require().g.user } }
                }
            }
        for plug in plugs { plug?.release.open() }
        for future in futures[0] { #expect(try await future.boundedValue == "ann") }
        for future in futures[1] { #expect(try await future.boundedValue == "bea") }
    }

    @Test("MM11, MM12, MM13: without a snapshot nothing arrives on another thread, with one everything does")
    func wrapping() async throws {
        let (bare, bound) = Ambient.$tenant.withValue("acme") {
            RequestContext.withCurrent(request) {
                let body: @Sendable () throws -> String = {
                    "\(RequestContext.current?.g.user ?? "none"), \(Ambient.tenant)"
                }
                return (body, ContextSnapshot.capture().bind(body))
            }
        }
        #expect(try await onThread { try bare() } == "none, no tenant")
        #expect(try await onThread { try bound() } == "ann, acme")
        #expect(try await onThread { try bare() } == "none, no tenant")
    }

    @Test("MP17: closures with and without a snapshot of their own may be mixed in one burst", arguments: Lane.allCases)
    func mixedClosures(lane: Lane) async throws {
        let other = RequestContext.make(pool: pool, user: "other")
        let own = RequestContext.withCurrent(other) {
            ContextSnapshot.capture().bind { try RequestContext.require().g.user }
        }
        let plain: @Sendable () throws -> String = { try RequestContext.require().g.user }
        let futures = try RequestContext.withCurrent(request) {
            try [plain, own, plain, own].map { try lane.submit(to: pool, $0) }
        }
        var seen: [String] = []
        for future in futures { seen.append(try await future.boundedValue) }
        #expect(seen == ["ann", "other", "ann", "other"])
    }

    @Test("MP33: a foreign context is propagated, cleared or unchanged, as is said, and is as before afterwards")
    func foreignContexts() throws {
        func seen(_ selection: ContextSelection) throws -> [String] {
            let snapshot = Ambient.$tenant.withValue("submitter") {
                RequestContext.withCurrent(request) { ContextSnapshot.capture(selection) }
            }
            return try Ambient.$tenant.withValue("runner") { [try snapshot.run { Ambient.tenant }, Ambient.tenant] }
        }
        #expect(try seen(.all) == ["submitter", "runner"])
        #expect(try seen(.only(propagators: ["tenant"])) == ["submitter", "runner"])
        #expect(try seen(.except(propagators: ["tenant"])) == ["no tenant", "runner"])
        #expect(try seen(.except(unchanged: ["tenant"])) == ["runner", "runner"])
    }

    @Test("FL6: entering a request again, and again in its jobs, does not end it")
    func enteringAgainDoesNotEndIt() async throws {
        let teardowns = Turnstile()
        request.onTeardown { _ in teardowns.pass() }
        try await RequestContext.withCurrent(request) {
            RequestContext.withCurrent(request) {}
            return try pool.submit {
                let mine = try RequestContext.require()
                RequestContext.withCurrent(mine) {}
            }
        }
        .boundedValue
        #expect(teardowns.count == 0)
        request.tearDown()
        RequestContext.withCurrent(request) {}
        #expect(teardowns.count == 1)
    }
}
