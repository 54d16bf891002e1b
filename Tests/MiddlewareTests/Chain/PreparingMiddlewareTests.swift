import ContextPool
import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct PreparingMiddlewareTests {
    private struct Broken: Error {}

    private struct Noting: PreparingMiddleware {
        let name: String
        let journal: Journal
        var error: (any Error)?

        func prepare(_ request: Request, in context: RequestContext) throws {
            journal.note(RequestContext.current === context ? name : "\(name) outside")
            context.onResponse { $0.headers[.server] = name }
            if let error { throw error }
        }
    }

    private func waiting(_ name: String, in journal: Journal) -> ClosureMiddleware {
        ClosureMiddleware { request, context, next in
            journal.note("\(name) in")
            await Task.yield()
            defer { journal.note("\(name) out") }
            return try await next(request, in: context)
        }
    }

    @Test func `steps that prepare and steps that wait keep their order`() async throws {
        let journal = Journal()
        let steps: [any Middleware] = [
            Noting(name: "a", journal: journal), Noting(name: "b", journal: journal), waiting("c", in: journal),
            Noting(name: "d", journal: journal), waiting("e", in: journal), Noting(name: "f", journal: journal),
        ]
        let response = try await TestExchange()
            .send(.test(), through: steps) { _, _ in
                journal.note("handler")
                return .text("ok")
            }
        #expect(journal.entries == ["a", "b", "c in", "d", "e in", "f", "handler", "e out", "c out"])
        #expect(response.headers[.server] == "f")
    }

    @Test func `what it throws is answered, and keeps the rest from running`() async throws {
        let journal = Journal()
        let refusal = HTTPError(.forbidden, "Not here.")
        let steps: [any Middleware] = [
            waiting("a", in: journal), Noting(name: "b", journal: journal, error: refusal),
            Noting(name: "c", journal: journal),
        ]
        let response = try await TestExchange()
            .send(.test(), through: steps) { _, _ in
                journal.note("handler")
                return .text("ok")
            }
        #expect(response.status == .forbidden)
        #expect(journal.entries == ["a in", "b", "a out"])
        let broken = Noting(name: "b", journal: journal, error: Broken())
        let first = try await TestExchange().send(.test(), through: [broken])
        #expect(first.status == .internalServerError)
    }

    private struct Choosing: PreparingMiddleware {
        let journal: Journal

        func needsToWait(for request: Request) -> Bool { request.path == "/wait" }

        func prepare(_ request: Request, in context: RequestContext) { journal.note("prepared") }

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            await Task.yield()
            journal.note("handled")
            return try await next(request, in: context)
        }
    }

    @Test(arguments: [false, true])
    func `a request that has to wait is handled, and not prepared`(isObserved: Bool) async throws {
        let journal = Journal()
        let observers: [any Middleware] = isObserved ? [Observing(journal: Journal())] : []
        let steps: [any Middleware] = [Choosing(journal: journal), Noting(name: "next", journal: journal)]
        for path in ["/wait", "/", "/wait"] { try await TestExchange().send(.test(path), through: observers + steps) }
        #expect(journal.entries == ["handled", "next", "prepared", "next", "handled", "next"])
    }

    @Test func `it may be called by hand like any other`() async throws {
        let journal = Journal()
        let calling = ClosureMiddleware { request, context, next in
            try await Noting(name: "a", journal: journal).handle(request, in: context, next: next)
        }
        let response = try await TestExchange().send(.test(), through: [calling])
        #expect(response.status == .ok)
        #expect(journal.entries == ["a"])
    }

    @Test func `it is passed in a handler that is made of a chain, and around a route`() async throws {
        let journal = Journal()
        var router = Router()
        router.on(.get, "/here", middleware: [Noting(name: "route", journal: journal)]) { _, _ in .text("here") }
        let steps = [MiddlewareChain.Step(name: "chain", middleware: Noting(name: "chain", journal: journal))]
        let handler = MiddlewareChain(steps).handler(endingIn: try router.makeHandler())
        let response = try await TestExchange().send(.test("/here"), through: [], handler)
        #expect(response.text == "here")
        #expect(journal.entries == ["chain", "route"])
    }

    /// Observes the steps of its chain, and does nothing else.
    private struct Observing: StepObserving, StepObserver {
        let journal: Journal
        var stepObserver: (any StepObserver)? { self }

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }

        func stepEnded(_ step: String, after duration: Duration, hasFailed: Bool) {
            if step == "handler" { journal.note("observed") }
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `whatever steps there are, around the chain and around routes, they are passed in their order`(_ seed: UInt64)
        async throws
    {
        var generator = SeededGenerator(seed: seed)
        let journal = Journal()
        var (steps, ways, expected): ([any Middleware], [String], [String]) = ([], [], [])
        for number in 0..<Int.random(in: 1...7, using: &generator) {
            if Bool.random(using: &generator) {
                steps.append(Noting(name: "\(number)", journal: journal))
                expected.append("\(number)")
            } else {
                steps.append(waiting("\(number)", in: journal))
                expected.append("\(number) in")
                ways.append("\(number) out")
            }
        }
        let observers = Int.random(in: 0...2, using: &generator)
        for _ in 0..<observers {
            steps.insert(Observing(journal: journal), at: Int.random(in: 0...steps.count, using: &generator))
        }
        expected += ["handler"] + (observers > 0 ? ["observed"] : []) + ways.reversed()
        // Cut into a chain and what stands around the route, a part of that only below a path.
        let cuts = (0..<2).map { _ in Int.random(in: 0...steps.count, using: &generator) }.sorted()
        var router = Router()
        router.on(.get, "/{page...}", middleware: Array(steps[cuts[1]...])) { _, _ in
            journal.note("handler")
            return .text("ok")
        }
        let inner = steps[cuts[0]..<cuts[1]].enumerated().map { MiddlewareChain.Step(name: "\($0)", middleware: $1) }
        router.wrap(try .below("/here"), in: MiddlewareChain(inner))
        let outer = MiddlewareChain(steps[..<cuts[0]].enumerated().map { .init(name: "\($0)", middleware: $1) })
        let handler = outer.handler(endingIn: try router.makeHandler())
        _ = try await TestExchange().send(.test("/here/and/there"), through: [], handler)
        #expect(journal.entries.filter { $0 != "observed" } == expected.filter { $0 != "observed" })
        if observers > 0 { #expect(journal.entries.contains("observed")) }
    }
}
