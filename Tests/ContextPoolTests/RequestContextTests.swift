import TestSupport
import Testing

@testable import ContextPool

@Suite("AppContext and RequestContext", .timeLimit(.minutes(1)))
struct RequestContextTests {
    let pool: ContextPool
    let request: RequestContext

    init() throws {
        pool = try ContextPool(workers: 1)
        request = .make(pool: pool)
    }

    @Test("outside there is nothing, and require throws what to do about it")
    func outsideThereIsNothing() {
        #expect(AppContext.current == nil)
        #expect(RequestContext.current == nil)
        let app = #expect(throws: ContextError.self) { try AppContext.require() }
        #expect(app?.code == .outsideAppContext)
        #expect(app?.description.contains("AppContext.withCurrent") == true)
        let request = #expect(throws: ContextError.self) { try RequestContext.require() }
        #expect(request?.code == .outsideRequestContext)
        #expect(request?.description.contains("ContextThread.start") == true)
    }

    @Test("a request brings its application, and both go with it")
    func requestsBringTheirApplication() throws {
        let (app, current) = try RequestContext.withCurrent(request) {
            (try AppContext.require(), try RequestContext.require())
        }
        #expect(current === request)
        #expect(app === request.app)
        #expect(RequestContext.current == nil)
        #expect(AppContext.current == nil)
    }

    @Test("scopes nest, and what was before comes back")
    func scopesNest() {
        let other = RequestContext.make(pool: pool)
        RequestContext.withCurrent(request) {
            RequestContext.withCurrent(other) {
                #expect(RequestContext.current === other)
                AppContext.withCurrent(request.app) {
                    #expect(RequestContext.current == nil, "an application alone hides the request")
                    #expect(AppContext.current === request.app)
                }
                #expect(RequestContext.current === other)
            }
            #expect(RequestContext.current === request)
        }
        #expect(RequestContext.current == nil)
    }

    @Test("scopes nest and end in async code, over suspensions")
    func asyncScopesNest() async throws {
        let other = RequestContext.make(pool: pool)
        await RequestContext.withCurrent(request) {
            await Task.yield()
            #expect(RequestContext.current === request)
            await AppContext.withCurrent(other.app) {
                await Task.yield()
                #expect(AppContext.current === other.app)
                #expect(RequestContext.current == nil)
            }
            #expect(RequestContext.current === request)
        }
        #expect(RequestContext.current == nil)
        await #expect(throws: Broken()) {
            try await RequestContext.withCurrent(request) {
                await Task.yield()
                throw Broken()
            }
        }
        #expect(RequestContext.current == nil)
    }

    @Test("an error leaves the scope and keeps its type")
    func errorsLeaveTheScope() {
        do throws(Broken) {
            try RequestContext.withCurrent(request) { () throws(Broken) in throw Broken() }
            Issue.record("nothing was thrown")
        } catch {
            #expect(error.reason == "broken")
        }
        #expect(RequestContext.current == nil)
    }

    @Test("updates of one value from many threads are not lost")
    func updatesAreNotLost() async {
        let request = self.request
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    await onThread { for _ in 0..<500 { request.updateValues { $0.count += 1 } } }
                }
            }
        }
        #expect(request.g.count == 4_000)
    }

    @Test("updateValues returns what its body returns and keeps what it wrote")
    func updateValuesReturns() {
        let name = request.updateValues { values in
            values.count = 3
            return values.user
        }
        #expect(name == "ann")
        #expect(request.g.count == 3)
    }

    @Test("FL3: teardown runs every callback once, the last one first, with the context current")
    func teardownRunsInReverse() {
        let order = Record<String>()
        for number in 1...3 {
            request.onTeardown { context in order.append("\(number) \(RequestContext.current === context)") }
        }
        request.tearDown()
        request.tearDown()
        #expect(order.elements == ["3 true", "2 true", "1 true"])
        #expect(RequestContext.current == nil)
    }

    @Test("a callback that is added after the end, or by a callback, runs at once")
    func lateCallbacksRunAtOnce() {
        let order = Record<String>()
        request.onTeardown { context in
            context.onTeardown { order.append("inner \(RequestContext.current === $0)") }
            context.tearDown()
            order.append("outer")
        }
        request.tearDown()
        request.onTeardown { order.append("late \(RequestContext.current === $0)") }
        #expect(order.elements == ["inner true", "outer", "late true"])
        #expect(RequestContext.current == nil)
    }

    @Test("teardown from many threads runs each callback once")
    func teardownRacesAreHarmless() async {
        let ran = Turnstile()
        let request = self.request
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<50 { request.onTeardown { _ in ran.pass() } }
                    request.tearDown()
                }
            }
        }
        #expect(ran.count == 400)
    }

    @Test("a context lets go of its callbacks at the end, and stays readable")
    func teardownLetsGo() {
        let death = Gate()
        do {
            let mortal = Mortal(death)
            request.onTeardown { _ in withExtendedLifetime(mortal) {} }
        }
        #expect(!death.isOpen)
        request.tearDown()
        #expect(death.isOpen)
        #expect(request.g.user == "ann")
    }

    @Test("an application's values are read through the same accessors")
    func applicationsHaveValues() {
        var values = ContextValues()
        values.user = "admin"
        let app = AppContext(name: "shop", pool: pool, values: values)
        #expect(app.values.user == "admin")
        #expect(app.name == "shop")
        #expect(RequestContext(app: app).g.user == "nobody", "a request begins with none of them")
    }
}
