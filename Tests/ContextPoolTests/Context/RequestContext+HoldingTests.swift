import TestSupport
import Testing

@testable import ContextPool

@Suite("RequestContext.afterLastHolder", .timeLimit(.minutes(1)))
struct RequestContextHoldingTests {
    let pool: ContextPool
    let request: RequestContext
    let isCleanedUp = Gate()

    init() throws {
        pool = try ContextPool(workers: 2, queueLimit: 2)
        request = .make(pool: pool)
        request.afterLastHolder { [isCleanedUp] in isCleanedUp.open() }
    }

    @Test("without jobs it runs at the end of the request, after the teardown, once, with no context")
    func withoutJobs() {
        let order = Record<String>()
        request.afterLastHolder { order.append("second, context: \(RequestContext.current != nil)") }
        request.onTeardown { [isCleanedUp] _ in order.append("teardown, cleaned up: \(isCleanedUp.isOpen)") }
        RequestContext.withCurrent(.make(pool: pool)) { request.tearDown() }
        request.tearDown()
        #expect(order.elements == ["teardown, cleaned up: false", "second, context: false"])
        #expect(isCleanedUp.isOpen, "though this test still holds the request")
    }

    @Test("cleanups run in the reverse order of their registration, and a late one at once")
    func order() {
        let order = Record<Int>()
        for number in 1...3 { request.afterLastHolder { order.append(number) } }
        request.tearDown()
        request.afterLastHolder { order.append(4) }
        #expect(order.elements == [3, 2, 1, 4])
    }

    @Test("a job that spans the end of the request holds on until it has ended", arguments: Lane.allCases)
    func spanningJobs(lane: Lane) async throws {
        let (runs, release) = (Gate(), Gate())
        let isHeld = try RequestContext.withCurrent(request) {
            try lane.submit(to: pool) { [isCleanedUp] in
                runs.open()
                release.wait()
                return !isCleanedUp.isOpen
            }
        }
        await runs.opened()
        request.tearDown()
        #expect(!isCleanedUp.isOpen)
        release.open()
        #expect(try await isHeld.boundedValue)
        await isCleanedUp.opened()
    }

    @Test("a job that starts after the end of the request, and one that it submits, hold on", arguments: Lane.allCases)
    func lateAndNestedJobs(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let release = Gate()
        let outer = try RequestContext.withCurrent(request) {
            try lane.submit(to: pool) { try lane.submit(to: pool) { release.wait() } }
        }
        request.tearDown()
        #expect(!isCleanedUp.isOpen)
        plug.release.open()
        let inner = try await outer.boundedValue
        #expect(!isCleanedUp.isOpen)
        release.open()
        try await inner.boundedValue
        await isCleanedUp.opened()
    }

    @Test("of overlapping jobs the last one counts, in whichever order they end", arguments: [[0, 1], [1, 0]])
    func overlappingJobs(order: [Int]) async throws {
        let (runs, releases) = (Turnstile(), [Gate(), Gate()])
        let futures = try RequestContext.withCurrent(request) {
            try releases.map { release in
                try pool.submit {
                    runs.pass()
                    release.wait()
                }
            }
        }
        await runs.reached(2)
        request.tearDown()
        releases[order[0]].open()
        try await futures[order[0]].boundedValue
        #expect(!isCleanedUp.isOpen)
        releases[order[1]].open()
        await isCleanedUp.opened()
    }

    @Test("a queued job that is cancelled lets go at once, though every worker is busy")
    func cancelledJobs() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let future = try RequestContext.withCurrent(request) { try pool.submit {} }
        request.tearDown()
        #expect(!isCleanedUp.isOpen)
        future.cancel()
        #expect(isCleanedUp.isOpen)
        plug.release.open()
    }

    @Test("a job that goes with its cancelled request lets go", arguments: Lane.allCases)
    func jobsOfACancelledRequest(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let future = try RequestContext.withCurrent(request) { try lane.submit(to: pool) {} }
        request.cancel()
        request.tearDown()
        #expect(await future.settled.poolErrorCode == .requestCancelled)
        plug.release.open()
        await isCleanedUp.opened()
    }

    @Test("a job that was refused holds nothing", arguments: Lane.allCases)
    func refusedJobs(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        await pool.shutDown(within: patience)
        #expect(throws: ContextPoolError.self) {
            try RequestContext.withCurrent(request) { try lane.submit(to: pool) {} }
        }
        #expect(!isCleanedUp.isOpen)
        request.tearDown()
        #expect(isCleanedUp.isOpen)
    }

    @Test("a job that throws lets go, and what a job registers waits for the request as well", arguments: Lane.allCases)
    func failingJobs(lane: Lane) async throws {
        let isCleanedUpToo = Gate()
        let future = try RequestContext.withCurrent(request) {
            try lane.submit(to: pool) {
                try RequestContext.require().afterLastHolder { isCleanedUpToo.open() }
                throw Broken()
            }
        }
        #expect(await future.settled.error is Broken)
        #expect(!isCleanedUpToo.isOpen)
        request.tearDown()
        await isCleanedUpToo.opened()
        await isCleanedUp.opened()
    }

    @Test("a detached job holds on as every job does; one that sees the application only does not")
    func selectionsAndLifetimes() throws {
        func capture(_ lifetime: JobLifetime, _ selection: ContextSelection) -> ContextSnapshot {
            ContextSnapshot(of: .request(request), propagators: [], lifetime: lifetime, selection: selection)
        }
        var detached: ContextSnapshot? = capture(.detached, .all)
        let appOnly = capture(.withRequest, .appOnly)
        request.tearDown()
        #expect(!isCleanedUp.isOpen)
        _ = detached?.values
        detached = nil
        #expect(isCleanedUp.isOpen)
        #expect(appOnly.values.names.isEmpty)
    }

    @Test("a snapshot that was taken before the first registration is not waited for")
    func earlierSnapshots() throws {
        let request = RequestContext.make(pool: pool)
        let earlier = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        let isCleanedUp = Gate()
        request.afterLastHolder { isCleanedUp.open() }
        request.tearDown()
        #expect(isCleanedUp.isOpen)
        #expect(earlier.values.user == "ann")
    }

    @Test("a request that is dropped without an end cleans up all the same")
    func droppedRequests() {
        let isCleanedUp = Gate()
        func drop() { RequestContext.make(pool: pool).afterLastHolder { isCleanedUp.open() } }
        drop()
        #expect(isCleanedUp.isOpen)
    }

    @Test("a cleanup may submit, and use the pool that its request had")
    func cleanupsMaySubmit() async throws {
        let removed = Gate()
        request.afterLastHolder { [pool] in _ = try? pool.submit { removed.open() } }
        request.tearDown()
        await removed.opened()
    }
}
