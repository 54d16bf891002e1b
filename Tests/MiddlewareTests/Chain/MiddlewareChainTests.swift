import ContextPool
import EventServer
import Foundation
import HTTPTypes
import Middleware
import Synchronization
import TestSupport
import Testing

@Suite struct MiddlewareChainTests {
    private struct Broken: Error, Equatable {}

    private func noting(_ name: String, in journal: Journal) -> ClosureMiddleware {
        ClosureMiddleware { request, context, next in
            journal.note("\(name) in")
            defer { journal.note("\(name) out") }
            return try await next(request, in: context)
        }
    }

    @Test func `the first step is the outermost`() async throws {
        let journal = Journal()
        let steps = ["a", "b", "c"].map { noting($0, in: journal) }
        try await TestExchange()
            .send(.test(), through: steps) { _, _ in
                journal.note("handler")
                return .text("ok")
            }
        #expect(journal.entries == ["a in", "b in", "c in", "handler", "c out", "b out", "a out"])
    }

    @Test func `an empty chain is the handler`() async throws {
        let response = try await TestExchange().send(.test()) { _, _ in .text("alone") }
        #expect(response.text == "alone")
    }

    @Test func `a step that answers by itself keeps the rest from running`() async throws {
        let journal = Journal()
        let answering = ClosureMiddleware { _, _, _ in .text("mine", status: .accepted) }
        let steps: [any Middleware] = [noting("a", in: journal), answering, noting("c", in: journal)]
        let response = try await TestExchange()
            .send(.test(), through: steps) { _, _ in
                journal.note("handler")
                return .text("ok")
            }
        #expect(response.status == .accepted)
        #expect(journal.entries == ["a in", "a out"])
    }

    @Test func `an error passes outwards until a step answers for it`() async throws {
        let journal = Journal()
        let catching = ClosureMiddleware { request, context, next in
            do { return try await next(request, in: context) } catch is Broken { return .text("caught") }
        }
        let steps: [any Middleware] = [noting("a", in: journal), catching, noting("c", in: journal)]
        let response = try await TestExchange().send(.test(), through: steps) { _, _ in throw Broken() }
        #expect(response.text == "caught")
        #expect(journal.entries == ["a in", "c in", "c out", "a out"])
    }

    @Test func `a step may pass another request on, and change the response`() async throws {
        let other = try Request.test("/other")
        let changing = ClosureMiddleware { _, context, next in
            var response = try await next(other, in: context)
            response.headers[.server] = "changed"
            return response
        }
        let response = try await TestExchange()
            .send(.test("/one"), through: [changing]) { request, _ in
                .text(request.path)
            }
        #expect(response.text == "/other")
        #expect(response.headers[.server] == "changed")
    }

    @Test func `every step and the handler run in one task, on the thread of one loop`() async throws {
        struct Place: Hashable {
            let thread: ObjectIdentifier
            let task: Int?
        }
        let places = Mutex<[Place]>([])
        let note: @Sendable () -> Void = {
            let task = unsafe withUnsafeCurrentTask { unsafe $0?.hashValue }
            let thread = ObjectIdentifier(Thread.current)
            places.withLock { $0.append(Place(thread: thread, task: task)) }
        }
        let step = ClosureMiddleware { request, context, next in
            note()
            await Task.yield()
            let response = try await next(request, in: context)
            note()
            return response
        }
        let exchange = try TestExchange()
        let chain = MiddlewareChain((0..<3).map { MiddlewareChain.Step(name: "\($0)", middleware: step) })
        let responder = ContextResponder(app: exchange.app, chain: chain) { _, context in
            note()
            // Away to the pool, and back.
            _ = try await context.pool.submit { 1 }.value
            note()
            return .text("ok")
        }
        let response = try await TestServer.run(answer: responder.respond) { server in
            try await server.exchange("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        }
        #expect(response.status == 200)
        #expect(places.withLock { $0.count } == 8)
        #expect(places.withLock { Set($0).count } == 1)
    }
}
