import TestSupport
import Testing

@testable import ContextPool

@Suite("ContextThread", .timeLimit(.minutes(1)))
struct ContextThreadTests {
    let pool: ContextPool

    init() throws { pool = try ContextPool(workers: 1) }

    @Test("FT1: a thread started in a handler reads the request as it was at start")
    func threadsReadTheRequest() async throws {
        let request = RequestContext.make(pool: pool, user: "at start")
        let go = Gate()
        let thread = try RequestContext.withCurrent(request) {
            try ContextThread.start {
                go.wait()
                let mine = try RequestContext.require()
                defer { mine.g.user = "inside" }
                return (mine.g.user, AppContext.current, mine)
            }
        }
        request.g.user = "later"
        go.open()
        let (user, app, copy) = try await joined(thread)
        #expect(user == "at start")
        #expect(app === request.app)
        #expect(copy !== request)
        #expect(request.g.user == "later")
    }

    @Test("FT2: outside of a request the thread has none, and require says what to do")
    func threadsOutsideHaveNoRequest() async throws {
        let thread = try ContextThread.start { try RequestContext.require().g.user }
        let error = await #expect(throws: ContextError.self) { try await joined(thread) }
        #expect(error?.code == .outsideRequestContext)
    }

    @Test("the propagators of the application's pool take part")
    func propagatorsTakePart() async throws {
        let pool = try ContextPool(workers: 1, propagators: [.taskLocal(Ambient.$tenant, name: "tenant")])
        let thread = try Ambient.$tenant.withValue("acme") {
            try RequestContext.withCurrent(.make(pool: pool)) { try ContextThread.start { Ambient.tenant } }
        }
        #expect(try await joined(thread) == "acme")
    }

    @Test("it has a thread of its own, of the given name")
    func threadsHaveTheirName() async throws {
        let long = try ContextThread.start(name: "a-name-of-more-than-15-bytes") {
            (currentThreadName(), currentThreadID())
        }
        let plain = try ContextThread.start { currentThreadName() }
        let here = currentThreadID()
        let (name, id) = try await joined(long)
        #expect(name == "a-name-of-more-")
        #expect(id != here)
        #expect(try await joined(plain) == "context-thread")
    }

    @Test("names that no kernel would take harm nobody", arguments: ["", "a\nb", "\u{0}", "ééééééééééé"])
    func oddNamesAreHarmless(name: String) async throws {
        #expect(try await joined(ContextThread.start(name: name) { 1 }) == 1)
    }

    @Test("join and value throw what the closure threw")
    func errorsReachTheCaller() async throws {
        let thread = try ContextThread.start { throw Broken() }
        await #expect(throws: Broken()) { try await thread.value }
        await #expect(throws: Broken()) { try await joined(thread) }
    }

    @Test("a thread that exits underneath its closure fails with workerDied, and says nothing of a pool")
    func exitedThreadsSaySo() async throws {
        let thread = try ContextThread<Void>.start(name: "short-lived") { exitThread() }
        let error = await #expect(throws: ContextPoolError.self) { try await joined(thread) }
        #expect(error?.code == .workerDied)
        #expect(error?.description.contains("\"short-lived\"") == true)
        #expect(error?.description.contains("pool") == false)
    }

    @Test("what a thread submits carries the thread's context on")
    func threadsPassTheirContextOn() async throws {
        let pool = self.pool
        let thread = try RequestContext.withCurrent(.make(pool: pool)) {
            try ContextThread.start {
                try RequestContext.require().g.user = "thread"
                return try pool.submit { try RequestContext.require().g.user }
            }
        }
        #expect(try await joined(thread).boundedValue == "thread")
    }

    @Test("its own teardown runs at its end, the request's does not")
    func teardownStaysOnItsSide() async throws {
        let order = Record<String>()
        let request = RequestContext.make(pool: pool)
        request.onTeardown { _ in order.append("request") }
        let thread = try RequestContext.withCurrent(request) {
            try ContextThread.start { try RequestContext.require().onTeardown { _ in order.append("thread") } }
        }
        try await joined(thread)
        #expect(order.elements == ["thread"])
        request.tearDown()
        #expect(order.elements == ["thread", "request"])
    }

    @Test("an ended thread holds neither its closure nor its request's values")
    func endedThreadsLetGo() async throws {
        let (closureDies, valueDies) = (Gate(), Gate())
        let thread = try startHoldingMortals(closureDies, valueDies)
        try await joined(thread)
        await closureDies.opened()
        await valueDies.opened()
        withExtendedLifetime(thread) {}
    }

    private func startHoldingMortals(_ closureDies: Gate, _ valueDies: Gate) throws -> ContextThread<Void> {
        let request = RequestContext.make(pool: pool)
        request.g.mortal = Mortal(valueDies)
        let mortal = Mortal(closureDies)
        return try RequestContext.withCurrent(request) {
            try ContextThread.start { withExtendedLifetime(mortal) {} }
        }
    }

    @discardableResult
    private func joined<Value: Sendable>(_ thread: ContextThread<Value>) async throws -> Value {
        try await onThread { Result { try thread.join() } }.get()
    }
}
