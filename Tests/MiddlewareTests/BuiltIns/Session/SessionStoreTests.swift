import Baton
import ContextPool
import EventServer
import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import Middleware

@Suite struct SessionStoreTests {
    @Test func `a session is there until its time is up`() async {
        let clock = SharedClock()
        let store = MemorySessionStore(limit: 10) { clock.now }
        await store.create("a", [1], for: .seconds(10))
        #expect(await store.load("a") == [1])
        clock.advance(.seconds(5))
        #expect(await store.replace("a", [2], for: .seconds(10)))
        clock.advance(.seconds(9))
        #expect(await store.load("a") == [2])
        clock.advance(.seconds(1))
        #expect(await store.load("a") == nil)
        #expect(store.count == 0)
        #expect(await !store.replace("a", [3], for: .seconds(10)))
    }

    @Test func `what was removed is not brought back by a change`() async {
        let store = MemorySessionStore()
        await store.create("a", [1], for: .seconds(10))
        await store.remove("a")
        #expect(await !store.replace("a", [2], for: .seconds(10)))
        #expect(await store.load("a") == nil)
        await store.remove("nothing")
    }

    @Test func `a full store gives up what has ended, and then what would end first`() async {
        let clock = SharedClock()
        let store = MemorySessionStore(limit: 20) { clock.now }
        for number in 0..<20 { await store.create("\(number)", [], for: .seconds(number + 1)) }
        await store.create("new", [], for: .seconds(100))
        #expect(store.count <= 20)
        #expect(await store.load("0") == nil)
        #expect(await store.load("19") != nil)
        #expect(await store.load("new") != nil)
        clock.advance(.seconds(50))
        for number in 0..<19 { await store.create("b\(number)", [], for: .seconds(10)) }
        #expect(await store.load("new") != nil)
        #expect(store.count <= 20)
    }

    @Test func `ended sessions are remembered until their cookies end, and no more than can be`() {
        let ended = EndedSessions(limit: 10)
        for number in 0..<10 { ended.insert("\(number)", until: 100 + number, now: 0) }
        #expect(ended.contains("0"))
        ended.insert("a", until: 300, now: 105)
        #expect(!ended.contains("4"))
        #expect(ended.contains("9") && ended.contains("a"))
        for number in 0..<10 { ended.insert("b\(number)", until: 200, now: 105) }
        #expect(ended.contains("a") && ended.contains("b9"))
    }

    @Test func `an application can have a store of its own, whose errors are its own affair`() async throws {
        let key = SessionMiddlewareTests.key
        let yaml = "chain: [session]\nmiddleware: {session: {keys: [\(key)], store: server}}"
        let (set, unset) = try await TestApplication.run(yaml: yaml) { app in
            app.values.sessionStore = BrokenStore()
            app.router.get("/set") { _, context in
                try context.session.set("a", to: 1)
                return .text("ok")
            }
            app.router.get("/") { _, context in .text("ok") }
        } _: { app in
            (try await app.request("GET /set"), try await app.request("GET /"))
        }
        #expect(set.status == 500)
        #expect(set.headers["set-cookie"] == nil)
        #expect(unset.status == 200)
    }

    @Test("FL9: a session that cannot be opened leaves no context, and the request has its teardown")
    func brokenStoresLeaveNothing() async throws {
        let exchange = try TestExchange()
        let sessions = try SessionMiddleware(
            options: options("{keys: [\(SessionMiddlewareTests.key)], store: server}")
        )
        let signedIn = await exchange.send(try .test(), through: [sessions]) { _, context in
            try context.session.set("user", to: "ann")
            return .text("ok")
        }
        let cookie = try #require(signedIn.headers[.setCookie]?.split(separator: ";").first)
        var values = exchange.app.values
        values.sessionStore = BrokenStore()
        let app = AppContext(name: "broken", pool: exchange.app.pool, values: values)
        let ends = Journal()
        let steps = [
            MiddlewareChain.Step(
                name: "outer",
                middleware: ClosureMiddleware { request, context, next in
                    context.onTeardown { _ in ends.note("teardown") }
                    return try await next(request, in: context)
                }
            ), MiddlewareChain.Step(name: "session", middleware: sessions),
        ]
        let responder = ContextResponder(app: app, chain: MiddlewareChain(steps)) { _, context in
            .text(try context.session["user"] ?? "nobody")
        }
        let response = await responder.respond(to: try .test(fields: ["Cookie: \(cookie)"]))
        #expect(response.status == .internalServerError)
        #expect(RequestContext.current == nil)
        #expect(ends.entries.isEmpty)
        response.sent()
        #expect(ends.entries == ["teardown"])
    }

    @Test(arguments: [
        [], [0xFF], Array("{}".utf8), Array(#"{"c":1e400,"s":0,"v":{}}"#.utf8), [UInt8](repeating: 0x5B, count: 5000),
    ])
    func `what a store gives back may be anything`(_ bytes: [UInt8]) async throws {
        struct Odd: SessionStore {
            let bytes: [UInt8]

            func load(_ id: String) async -> [UInt8]? { bytes }
            func create(_ id: String, _ content: [UInt8], for time: Duration) async {}
            func replace(_ id: String, _ content: [UInt8], for time: Duration) async -> Bool { true }
            func remove(_ id: String) async {}
        }
        let yaml = "chain: [session]\nmiddleware: {session: {keys: [\(SessionMiddlewareTests.key)], store: server}}"
        let text = try await TestApplication.run(yaml: yaml) { app in
            app.values.sessionStore = Odd(bytes: bytes)
            app.router.get("/") { _, context in
                let session = try context.session
                defer { try? session.set("a", to: "x") }
                return .text(session["a"] ?? "nothing")
            }
        } _: { app in
            let cookie = try await app.request("GET /").headers["set-cookie"] ?? ""
            let pair = String(cookie.prefix { $0 != ";" })
            return try await app.request("GET /", headers: ["cookie": pair]).body
        }
        #expect(text == "nothing")
    }
}

private struct BrokenStore: SessionStore {
    struct Failure: Error {}

    func load(_ id: String) async throws -> [UInt8]? { throw Failure() }
    func create(_ id: String, _ content: [UInt8], for time: Duration) async throws { throw Failure() }
    func replace(_ id: String, _ content: [UInt8], for time: Duration) async throws -> Bool { throw Failure() }
    func remove(_ id: String) async throws { throw Failure() }
}

private final class SharedClock: Sendable {
    private let time = Mutex(Duration.zero)

    var now: Duration { time.withLock { $0 } }

    func advance(_ duration: Duration) { time.withLock { $0 += duration } }
}
