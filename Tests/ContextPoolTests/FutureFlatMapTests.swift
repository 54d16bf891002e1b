import Synchronization
import TestSupport
import Testing

@testable import ContextPool

@Suite("flatMap: chains of jobs", .timeLimit(.minutes(1)))
struct FutureFlatMapTests {
    @Test("MP26: a chain may change in its middle which part of the context it has, and each part holds for its job")
    func selectionsMayChangeInAChain() async throws {
        let pool = try ContextPool(workers: 1, propagators: [.taskLocal(Ambient.$tenant, name: "tenant")])
        let request = RequestContext.make(pool: pool)
        request.g[TokenKey.self] = "t"
        let names = try ContextSelection.only(names: ["user"])
        let propagators = try ContextSelection.only(TokenKey.self, propagators: ["tenant"])
        @Sendable func look() -> [String] {
            let g = RequestContext.current?.g
            return [g?.user ?? "none", g?[TokenKey.self] ?? "no token", Ambient.tenant]
        }
        let chain = try RequestContext.withCurrent(request) {
            try Ambient.$tenant.withValue("acme") {
                try pool.submit(context: names) { [look()] }
                    .map { $0 + [look()] }
                    .flatMap { seen in try pool.submit(context: propagators) { seen + [look()] } }
                    .flatMap { seen in try pool.submit(context: .appOnly) { () async throws in seen + [look()] } }
                    .map { $0 + [look()] }
            }
        }
        let all = ["ann", "t", "acme"]
        #expect(
            try await chain.boundedValue == [
                ["ann", "no token", "no tenant"], all, ["nobody", "t", "acme"], ["none", "no token", "no tenant"], all,
            ]
        )
    }

    @Test(
        "Law 11: when a request is cancelled, its flatMap that waits for a second future ends, and leaves that one alone"
    )
    func cancelledRequestsEndWaitingFlatMaps() async throws {
        let pool = try ContextPool(workers: 1)
        let (second, isWaiting) = (Future<Int>.promise(), Turnstile())
        let request = RequestContext.make(pool: pool)
        let outer = try RequestContext.withCurrent(request) {
            try pool.submit {}
                .flatMap {
                    isWaiting.pass()
                    return second
                }
        }
        let follower = outer.map { $0 }
        await isWaiting.reached(1)
        await eventually { second.observerCount == 1 }
        request.cancel()
        #expect(await outer.settled.poolErrorCode == .requestCancelled)
        #expect(await follower.settled.poolErrorCode == .requestCancelled)
        #expect(!second.isFinished, "others may want its value")
        #expect(second.observerCount == 0)
        // One that comes to its second future when the request has been cancelled does not wait for it either.
        let late = RequestContext.make(pool: pool)
        let (cancelled, mayGoOn) = (Gate(), Gate())
        let tooLate = try RequestContext.withCurrent(late) {
            try pool.submit {}
                .flatMap {
                    cancelled.open()
                    mayGoOn.wait()
                    return second
                }
        }
        await cancelled.opened()
        late.cancel()
        mayGoOn.open()
        #expect(await tooLate.settled.poolErrorCode == .requestCancelled)
        #expect(second.observerCount == 0)
    }

    @Test(
        "a flatMap that has its value leaves nothing with its request; detached ones and those of ended requests go on"
    )
    func flatMapsLeaveTheirRequest() async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool)
        let seconds = (0..<3).map { _ in Future<Int>.promise() }
        let (bound, detached, ended) = try RequestContext.withCurrent(request) {
            let detached = try pool.submit(.detached) {}.flatMap { seconds[1] }
            let ended = try RequestContext.withCurrent(.make(pool: pool)) {
                let step = try pool.submit {}.flatMap { seconds[2] }
                RequestContext.current?.tearDown()
                RequestContext.current?.cancel()
                return step
            }
            return (try pool.submit {}.flatMap { seconds[0] }, detached, ended)
        }
        for second in seconds { await eventually { second.observerCount == 1 } }
        seconds[0].complete(.success(0))
        #expect(try await bound.boundedValue == 0)
        await eventually { request.currentLife?.count == 0 }
        request.cancel()
        for (number, future) in [(1, detached), (2, ended)] {
            #expect(!future.isFinished)
            seconds[number].complete(.success(number))
            #expect(try await future.boundedValue == number)
        }
    }

    @Test("Law 9: a flatMap that would wait for itself, directly or over others, fails instead of never completing")
    func circles() async throws {
        let pool = try ContextPool(workers: 1)
        for count in 1...3 {
            let own = Mutex<[Future<Int>]>([])
            let plug = try await Plug(pool)
            let circle = (0..<count)
                .map { number in
                    plug.future.flatMap { try #require(own.withLock { $0.isEmpty ? nil : $0[(number + 1) % count] }) }
                }
            own.withLock { $0 = circle }
            plug.release.open()
            for future in circle { #expect(await future.settled.poolErrorCode == .wouldDeadlock) }
            own.withLock { $0 = [] }
        }
    }

    @Test("Law 9: nor does one that waits for a job that awaits it, whichever comes first", arguments: [true, false])
    func circlesOverJobs(jobIsFirst: Bool) async throws {
        let pool = try ContextPool(workers: 2)
        let (outer, job) = (Box(), Box())
        let (mayAwait, mayGoOn) = (Gate(), Gate())
        job.future = try pool.submit { () async throws -> Int in
            await mayAwait.opened()
            return try await outer.future?.value ?? 0
        }
        outer.future = try pool.submit { mayGoOn.wait() }.flatMap { try #require(job.future) }
        let (outerFuture, jobFuture) = (try #require(outer.future), try #require(job.future))
        if jobIsFirst {
            mayAwait.open()
            await eventually { outerFuture.observerCount == 1 }
            mayGoOn.open()
        } else {
            mayGoOn.open()
            await eventually { jobFuture.observerCount == 1 }
            mayAwait.open()
        }
        #expect(await jobFuture.settled.poolErrorCode == .wouldDeadlock)
        #expect(await outerFuture.settled.poolErrorCode == .wouldDeadlock)
        (outer.future, job.future) = (nil, nil)
    }

    private final class Box: Sendable {
        private let kept = Mutex<Future<Int>?>(nil)

        var future: Future<Int>? {
            get { kept.withLock { $0 } }
            set { kept.withLock { $0 = newValue } }
        }
    }
}
