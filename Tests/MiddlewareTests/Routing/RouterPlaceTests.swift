import ContextPool
import EventServer
import Foundation
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct RouterPlaceTests {
    private enum Ambient {
        @TaskLocal static var tenant = "none"
    }

    private static let methods: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete]

    private static func threadName() -> String {
        (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8))?.trimmingCharacters(in: .newlines)
            ?? ""
    }

    private func router(on place: Router.Place) -> Router {
        let handler: Handler = { _, context in
            await Task.yield()
            return .text("\(Self.threadName()) \(AppContext.current === context.app) \(Ambient.tenant)")
        }
        var router = Router()
        router.get("/{id}", on: place, handler)
        router.post("/{id}", on: place, handler)
        router.put("/{id}", on: place, handler)
        router.patch("/{id}", on: place, handler)
        router.delete("/{id}", on: place, handler)
        router.on(nil, "/", on: place, handler)
        return router
    }

    @Test func `every method can have its place, and the loop is where nothing is said`() {
        #expect(router(on: .pool).routes.allSatisfy { $0.place == .pool })
        var plain = Router()
        plain.get("/") { _, _ in .text("") }
        plain.on(.head, "/") { _, _ in .text("") }
        #expect(plain.routes.allSatisfy { $0.place == .loop })
    }

    @Test(arguments: methods) func `a handler on the pool runs there, with the task-locals of the chain`(
        _ method: HTTPRequest.Method
    ) async throws {
        let exchange = try TestExchange()
        let step = ClosureMiddleware { request, context, next in
            try await Ambient.$tenant.withValue("acme") {
                let response = try await next(request, in: context)
                #expect(Ambient.tenant == "acme")
                return response
            }
        }
        let handler = try router(on: .pool).makeHandler()
        let request = try Request.test("/7", method: method.rawValue)
        #expect(await exchange.send(request, through: [step], handler).text == "pool-1 true acme")
        // Nobody answers any more when its threads have gone.
        await exchange.app.pool.shutDown()
        let refused = await exchange.send(try .test("/7", method: method.rawValue), handler)
        #expect(refused.status == .serviceUnavailable)
        #expect(refused.headers[.retryAfter] == "1")
    }

    @Test(arguments: [Router.Place.loop, .pool])
    func `errors of the handler are what they are on the loop`(_ place: Router.Place) async throws {
        var router = Router()
        router.get("/", on: place) { _, _ in throw HTTPError(.conflict) }
        let response = try await TestExchange().send(.test("/"), router.makeHandler())
        #expect(response.status == .conflict)
    }

    @Test func `the pattern of the route is there for the handler, its jobs and the teardown, and for other threads`()
        async throws
    {
        let journal = Journal()
        var router = Router()
        let handler: Handler = { _, context in
            journal.note(context.route ?? "none")
            journal.note(try await context.pool.submit { RequestContext.current?.route ?? "none" }.value)
            journal.note(await onThread { context.route ?? "none" })
            return .text("ok")
        }
        router.get("/users/{id}", handler)
        router.get("/fixed", on: .pool, handler)
        let step = ClosureMiddleware { request, context, next in
            #expect(context.route == nil)
            context.onTeardown { journal.note("end: \($0.route ?? "none")") }
            return try await next(request, in: context)
        }
        let answers = try router.makeHandler()
        let exchange = try TestExchange()
        for path in ["/users/7", "/fixed", "/nowhere"] {
            await exchange.send(try .test(path), through: [step], answers)
        }
        let users = "/users/{id}"
        let expected = [users, users, users, "end: \(users)", "/fixed", "/fixed", "/fixed", "end: /fixed", "end: none"]
        #expect(journal.entries == expected)
    }
}
