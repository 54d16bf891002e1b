import Synchronization
import TestSupport
import Testing

@testable import ContextPool

@Suite("RequestContext, cancelling", .timeLimit(.minutes(1)))
struct RequestContextCancellingTests {
    private let pool: ContextPool
    private let request: RequestContext

    init() throws {
        pool = try ContextPool(workers: 1)
        request = RequestContext.make(pool: pool)
    }

    @Test("callbacks run once, in order, with the context current, however often and by whomever it is cancelled")
    func callbacksRunOnce() async {
        let seen = Record<String>()
        for number in 0..<3 {
            request.onCancel { [request] in
                seen.append("\(number) \(RequestContext.current === request) \(request.isCancelled)")
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { await onThread { [request] in request.cancel() } } }
        }
        #expect(seen.elements == ["0 true true", "1 true true", "2 true true"])
    }

    @Test("one that comes too late runs at once")
    func lateCallbacksRunAtOnce() {
        request.cancel()
        let seen = Record<Bool>()
        request.onCancel { seen.append(RequestContext.current != nil) }.remove()
        #expect(seen.elements == [true])
        request.tearDown()
        request.cancel()
        #expect(seen.elements == [true])
        #expect(request.isCancelled, "that it was cancelled stays true")
    }

    @Test("one that was removed, or whose request has ended, never runs, and is kept by nobody")
    func removedCallbacksNeverRun() async {
        let (removedDies, endedDies) = (Gate(), Gate())
        let seen = Record<Int>()
        func register(_ gate: Gate) -> RequestContext.CancelRegistration {
            let mortal = Mortal(gate)
            return request.onCancel { withExtendedLifetime(mortal) { seen.append(1) } }
        }
        let registration = register(removedDies)
        registration.remove()
        registration.remove()
        #expect(removedDies.isOpen)
        _ = register(endedDies)
        request.tearDown()
        #expect(endedDies.isOpen)
        request.cancel()
        #expect(seen.elements.isEmpty)
        #expect(!request.isCancelled)
    }

    @Test("callbacks of a job are forgotten with the job", arguments: Lane.allCases)
    func callbacksOfAJobEndWithIt(lane: Lane) async throws {
        let seen = Record<Int>()
        for number in 0..<100 {
            try await RequestContext.withCurrent(request) {
                try lane.submit(to: pool) { try RequestContext.require().onCancel { seen.append(number) } }
            }
            .boundedValue.remove()
        }
        #expect(request.life?.count == 0)
        request.cancel()
        #expect(seen.elements.isEmpty)
    }

    @Test("a job that runs hears of it on the thread that cancels")
    func jobsHearOfIt() async throws {
        let (runs, isTold) = (Gate(), Gate())
        let job = try RequestContext.withCurrent(request) {
            try pool.submit {
                let context = try RequestContext.require()
                context.onCancel { if RequestContext.current === context { isTold.open() } }
                runs.open()
                isTold.wait()
                return context.isCancelled
            }
        }
        await runs.opened()
        request.cancel()
        #expect(isTold.isOpen)
        #expect(try await job.boundedValue)
    }

    @Test("10,000 jobs of one request do not pile up", arguments: Lane.allCases)
    func jobsDoNotPileUp(lane: Lane) async throws {
        let pool = try ContextPool(workers: 2, queueLimit: 20_000)
        let futures = try RequestContext.withCurrent(request) {
            try (0..<10_000).map { number in try lane.submit(to: pool) { number } }
        }
        for future in futures { _ = try await future.value }
        #expect(request.life?.count == 0)
    }

    @Test("a request without jobs has no life of its own to pay for")
    func emptyRequestsPayNothing() {
        request.g.user = "bob"
        #expect(!request.isCancelled)
        request.tearDown()
        #expect(request.life == nil)
    }

    @Test("a life dies with the last who shares it", arguments: [false, true])
    func livesDie(isCancelled: Bool) async throws {
        let plug = try await Plug(pool)
        func leaveJobs() throws -> (Weak<RequestLife>, Weak<RequestContext>, [Future<Void>]) {
            let request = RequestContext.make(pool: pool)
            let futures = try RequestContext.withCurrent(request) {
                try Lane.allCases.map { lane in try lane.submit(to: pool) {} }
            }
            request.onCancel { _ = request.g }
            let life = try #require(request.life)
            if isCancelled { request.cancel() }
            request.tearDown()
            return (Weak(life), Weak(request), futures)
        }
        let (life, context, futures) = try leaveJobs()
        #expect(context.object == nil)
        plug.release.open()
        for future in futures { #expect(await future.settled.error == nil || isCancelled) }
        await eventually { life.object == nil }
        withExtendedLifetime(futures) {}
    }

    @Test("a thread sees it, too")
    func threadsSeeIt() async throws {
        let (runs, go) = (Gate(), Gate())
        let thread = try RequestContext.withCurrent(request) {
            try ContextThread.start {
                runs.open()
                go.wait()
                return RequestContext.current?.isCancelled
            }
        }
        await runs.opened()
        request.cancel()
        go.open()
        #expect(try await thread.value == true)
    }
}

extension RequestContext {
    var life: RequestLife? { state.withLock { $0.life } }
}
