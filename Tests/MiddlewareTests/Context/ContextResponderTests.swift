import ContextPool
import HTTPTypes
import Logging
import Synchronization
import TestSupport
import Testing

@testable import EventServer
@testable import Middleware

@Suite struct ContextResponderTests {
    private struct Broken: Error {}

    private enum CountKey: ContextKey {
        static let name = "test.count"
        static let defaultValue = 0
    }

    @Test func `the context is current in the chain, in the handler and in what they call, and nowhere after`()
        async throws
    {
        let step = ClosureMiddleware { request, context, next in
            #expect(RequestContext.current === context)
            let response = try await next(request, in: context)
            #expect(RequestContext.current === context)
            return response
        }
        let exchange = try TestExchange()
        await exchange.send(try .test("/here"), through: [step]) { request, context in
            await Task.yield()
            #expect(RequestContext.current === context)
            #expect(AppContext.current === exchange.app)
            #expect(Request.current?.path == "/here")
            #expect(context.request?.path == request.path)
            return .text("ok")
        }
        #expect(RequestContext.current == nil)
        #expect(AppContext.current == nil)
    }

    @Test(arguments: [false, true])
    func `teardown runs once, after the response was sent, in the context`(_ fails: Bool) async throws {
        let journal = Journal()
        let response = try await TestExchange()
            .respond(to: .test()) { _, context in
                context.onTeardown { ended in
                    let outcome = ended.outcome.map { "\($0.status.code) \($0.bodySize) \($0.isDelivered)" }
                    journal.note("\(outcome ?? "none") \(RequestContext.current === ended)")
                }
                if fails { throw HTTPError(.conflict) }
                return .text("ok")
            }
        #expect(journal.entries.isEmpty)
        response.sent()
        #expect(journal.entries == [fails ? "409 \(response.body.length ?? 0) true true" : "200 2 true true"])
        response.sent()
        #expect(journal.entries.count == 1)
    }

    @Test func `teardown runs also where the client has left, and knows it`() async throws {
        let journal = Journal()
        let response = try await TestExchange()
            .respond(to: .test()) { _, context in
                context.onTeardown { journal.note("\($0.outcome?.isDelivered == false)") }
                return .text("ok")
            }
        response.sent(.clientLeft)
        #expect(journal.entries == ["true"])
    }

    @Test(arguments: [false, true])
    func `response hooks change every response in order, in the context`(_ fails: Bool) async throws {
        let response = try await TestExchange()
            .send(.test()) { _, context in
                context.onResponse { $0.headers[.server] = "one" }
                context.onResponse { [weak context] response in
                    response.headers[.server]? += ", \(RequestContext.current === context)"
                }
                if fails { throw Broken() }
                return .text("ok")
            }
        #expect(response.headers[.server] == "one, true")
        #expect(response.status == (fails ? .internalServerError : .ok))
    }

    @Test func `neither hooks nor teardown closures nor jobs keep a context alive`() async throws {
        let contexts = Mutex<[() -> RequestContext?]>([])
        @Sendable func watch(_ context: RequestContext) {
            contexts.withLock { $0.append({ [weak context] in context }) }
        }
        let exchange = try TestExchange()
        for fails in [false, true] {
            await exchange.send(try .test()) { _, context in
                watch(context)
                context.onResponse { _ in _ = context.g }
                context.onTeardown { _ in _ = context.g }
                context.onTeardown { ended in ended.onResponse { _ in _ = ended.g } }
                try await context.pool
                    .submit {
                        let job = try RequestContext.require()
                        watch(job)
                        job.onTeardown { _ in _ = job.g }
                        job.onResponse { _ in _ = job.g }
                    }
                    .value
                if fails { throw Broken() }
                return .text("ok")
            }
        }
        await exchange.app.pool.shutDown(within: .seconds(20))
        let watched = contexts.withLock { $0 }
        #expect(watched.count == 4)
        #expect(watched.allSatisfy { $0() == nil })
    }

    @Test func `requests at the same time have values of their own`() async throws {
        let exchange = try TestExchange(workers: 4, queueLimit: 1000)
        let answers = try await withThrowingTaskGroup(of: (String, String).self) { tasks in
            for number in 0..<100 {
                tasks.addTask {
                    let response = await exchange.send(try .test("/\(number)")) { request, context in
                        #expect(context.g[CountKey.self] == 0)
                        context.g[CountKey.self] = number
                        await Task.yield()
                        let inJob = try await context.pool.submit { try RequestContext.require().g[CountKey.self] }
                            .value
                        return .text("\(context.g[CountKey.self]) \(inJob) \(Request.current?.path ?? "")")
                    }
                    return (response.text, "\(number) \(number) /\(number)")
                }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 100)
        #expect(answers.allSatisfy { $0 == $1 })
    }

    @Test func `a job that outlives its request sees its copy`() async throws {
        let exchange = try TestExchange()
        let gate = Gate()
        let seen = Mutex<Future<String>?>(nil)
        await exchange.send(try .test("/slow")) { _, context in
            context.g[CountKey.self] = 1
            let future = try context.pool.submit {
                gate.wait()
                let context = try RequestContext.require()
                context.g[CountKey.self] += 1
                return "\(context.g[CountKey.self]) \(Request.current?.path ?? "none") \(context.outcome == nil)"
            }
            seen.withLock { $0 = future }
            context.g[CountKey.self] = 10
            return .text("ok")
        }
        gate.open()
        #expect(try await seen.withLock { $0 }?.value == "2 /slow true")
    }

    @Test func `a hook that a job adds changes nothing`() async throws {
        let response = try await TestExchange()
            .send(.test()) { _, context in
                try await context.pool.submit { try RequestContext.require().onResponse { $0.status = .created } }.value
                return .text("ok")
            }
        #expect(response.status == .ok)
    }

    @Test(arguments: [false, true])
    func
        `OB6: a body that a job reads after the response gives an error that says why, and where its context was captured`(
            _ inChunks: Bool
        ) async throws
    {
        let gate = Gate()
        let late = Mutex<Future<[UInt8]>?>(nil)
        let exchange = try TestExchange()
        let chain = MiddlewareChain()
        let lineOfCapture = #line + 2
        let responder = ContextResponder(app: exchange.app, chain: chain) { request, context in
            let snapshot = ContextSnapshot.capture()
            let future = try context.pool.submit { () async throws -> [UInt8] in
                try await snapshot.run { () async throws -> [UInt8] in
                    await gate.opened()
                    guard let body = Request.current?.body else { return [] }
                    guard inChunks else { return try await body.collect() }
                    var bytes: [UInt8] = []
                    for try await chunk in body { bytes += chunk }
                    return bytes
                }
            }
            late.withLock { $0 = future }
            return .text("accepted", status: .accepted)
        }
        try await TestServer.run(answer: responder.respond) { server in
            let response = try await server.exchange("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody")
            #expect(response.status == 202)
            gate.open()
            let future = try #require(late.withLock { $0 })
            let error = await #expect(throws: RequestBodyError.self) { try await future.value }
            #expect(error?.code == .requestEnded)
            #expect(error?.description.contains("ContextResponderTests.swift:\(lineOfCapture).") == true)
        }
    }

    /// What is left to a request that may take ten minutes: before its body is read, after, and once it is answered.
    private func remaining(of request: Request) async throws -> [Duration?] {
        let exchange = try TestExchange()
        let times = Mutex<[Duration?]>([])
        let responder = ContextResponder(
            app: exchange.app,
            chain: MiddlewareChain(),
            handler: { request, context in
                times.withLock { $0.append(context.timeRemaining) }
                _ = try await request.body.collect()
                let inJob = try await context.pool.submit { RequestContext.current?.timeRemaining }.value
                times.withLock { $0.append(inJob) }
                context.onTeardown { context in times.withLock { $0.append(context.timeRemaining) } }
                return .text("ok")
            },
            timeLimit: .seconds(600)
        )
        await responder.respond(to: request).sent()
        return times.withLock { $0 }
    }

    @Test func `jobs inherit how long the server waits for an answer, which begins when the whole request is there`()
        async throws
    {
        let limits = Duration.seconds(500)...Duration.seconds(600)
        let without = try await remaining(of: .test())
        #expect(without.map { $0.map(limits.contains) } == [true, true, nil])
        let body = Array("body".utf8)
        let with = try await remaining(of: .test(method: "POST", fields: ["Content-Length: 4"], body: body))
        #expect(with.map { $0.map(limits.contains) } == [nil, true, nil])
    }

    @Test func `a job that comes when the time is up is refused, and one that a stream submits later is not`()
        async throws
    {
        let exchange = try TestExchange()
        let late = ContextResponder(
            app: exchange.app,
            chain: MiddlewareChain(),
            handler: { _, context in .text("\(try await context.pool.submit { 1 }.value)") },
            timeLimit: .zero
        )
        let refused = await late.respond(to: try .test())
        refused.sent()
        #expect(refused.status == .gatewayTimeout)

        let streaming = ContextResponder(
            app: exchange.app,
            chain: MiddlewareChain(),
            handler: { request, context in
                Response(
                    status: .ok,
                    body: .stream(length: 4) { writer in
                        // To read a body now begins no new limit.
                        _ = try await request.body.collect()
                        let future = try context.pool.submit { RequestContext.current?.timeRemaining == nil }
                        try await writer.write("\(try await future.value)")
                    }
                )
            },
            timeLimit: .zero
        )
        try await TestServer.run(answer: streaming.respond) { server in
            let request = "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody"
            let response = try await server.exchange(request)
            #expect(response.body == "true")
        }
    }

    @Test func `the logger of a request is the application's`() async throws {
        let exchange = try TestExchange()
        await exchange.send(try .test()) { _, context in
            context.logger.notice("here")
            return .text("ok")
        }
        #expect(exchange.logs.lines.map(\.message) == ["here"])
    }

    @Test func `cancelling the task cancels the context, in the chain and in what runs later in the same task`()
        async throws
    {
        let exchange = try TestExchange()
        let (isInside, isCancelled) = (Gate(), Gate())
        let responder = ContextResponder(app: exchange.app, chain: MiddlewareChain()) { _, context in
            context.onCancel { isCancelled.open() }
            isInside.open()
            await isCancelled.opened()
            return .text("\(context.isCancelled)")
        }
        let request = try Request.test()
        let task = Task { await responder.respond(to: request) }
        await isInside.opened()
        task.cancel()
        #expect(await task.value.text == "true")

        let later = RequestContext(app: exchange.app)
        let producer = Task {
            try await ContextResponder.within(later) {
                #expect(RequestContext.current === later)
                while !later.isCancelled { await Task.yield() }
            }
        }
        producer.cancel()
        try await producer.value
        #expect(later.isCancelled)
    }

    @Test func `a response that could not be delivered stops the jobs that wait, one that was does not`() async throws {
        for isDelivered in [false, true] {
            let exchange = try TestExchange()
            let (runs, go) = (Gate(), Gate())
            let futures = Mutex<[Future<Int>]>([])
            let response = await exchange.respond(to: try .test()) { _, context in
                try context.pool.submit {
                    runs.open()
                    go.wait()
                }
                let jobs = [try context.pool.submit { 1 }, try context.pool.submit(.detached) { 2 }]
                futures.withLock { $0 = jobs }
                return .text("ok")
            }
            await runs.opened()
            response.sent(isDelivered ? .delivered : .clientLeft)
            go.open()
            let jobs = futures.withLock { $0 }
            #expect(try await jobs[1].value == 2)
            if isDelivered {
                #expect(try await jobs[0].value == 1)
            } else {
                let error = await #expect(throws: ContextPoolError.self) { try await jobs[0].value }
                #expect(error?.code == .requestCancelled)
            }
        }
    }

    @Test(arguments: [true, false])
    func `what a request holds on to is there until its last callback has run, and no longer`(_ isDelivered: Bool)
        async throws
    {
        final class Lease: Sendable {}
        struct Held: Sendable { weak let lease: Lease? }
        let exchange = try TestExchange()
        let journal = Journal()
        var lease: Lease? = Lease()
        let held = Held(lease: lease)
        var responder: ContextResponder? = ContextResponder(
            app: exchange.app,
            chain: MiddlewareChain(),
            handler: { _, context in
                context.onCancel { journal.note("cancelled \(held.lease != nil)") }
                context.onTeardown { _ in journal.note("torn down \(held.lease != nil)") }
                return .text("ok")
            },
            lease: lease
        )
        lease = nil
        let response = await responder?.respond(to: try .test())
        responder = nil
        #expect(held.lease != nil)
        response?.sent(isDelivered ? .delivered : .clientLeft)
        #expect(journal.entries == (isDelivered ? [] : ["cancelled true"]) + ["torn down true"])
        #expect(held.lease == nil)
    }
}
