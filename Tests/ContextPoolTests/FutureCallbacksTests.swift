import TestSupport
import Testing

@testable import ContextPool

@Suite("Callbacks of futures", .timeLimit(.minutes(1)))
struct FutureCallbacksTests {
    private let errors = Record<String>()
    private let sites = Record<SourceSite>()
    private let users = Record<String>()

    private func makeHome(_ propagators: [ContextPropagator] = []) -> FutureHome {
        FutureHome(queue: FutureHome.none.queue, propagators: propagators) { [errors, sites, users] callback, error in
            let context = RequestContext.current == nil ? "without context" : "with context"
            errors.append("\((error as? Broken)?.reason ?? "\(error)") \(context)")
            sites.append(callback.site)
            users.append(callback.values.user)
        }
    }

    @Test("CF18: a callback that throws is reported, and does not keep the others from running")
    func throwingCallbacksAreReported() {
        let future = Future<Int>.promise(home: makeHome())
        let ran = Record<Int>()
        for number in 1...5 {
            future.whenComplete { _ in
                ran.append(number)
                if !number.isMultiple(of: 2) { throw Broken(reason: "callback \(number)") }
            }
        }
        future.complete(.success(1))
        #expect(ran.elements == [1, 2, 3, 4, 5])
        #expect(errors.elements == [1, 3, 5].map { "callback \($0) without context" })
        #expect(future.state == .succeeded)
    }

    @Test("CF20: a callback that throws on a completed future is reported, and not thrown at whoever adds it")
    func lateThrowingCallbacksAreReported() {
        for outcome in [Result<Int, any Error>.success(1), .failure(Broken()), .failure(CancellationError())] {
            let future = Future<Int>.promise(home: makeHome())
            future.complete(outcome)
            future.whenComplete { _ in throw Broken(reason: "late") }
        }
        #expect(errors.elements == Array(repeating: "late without context", count: 3))
    }

    @Test("what hears of the error has no context, neither the callback's nor the canceller's")
    func reportsHaveNoContext() throws {
        let pool = try ContextPool(workers: 1)
        let future = Future<Int>.promise(home: makeHome())
        let line = SourceSite().line + 2
        RequestContext.withCurrent(.make(pool: pool)) {
            future.whenComplete { _ in throw Broken(reason: RequestContext.current?.g.user ?? "nobody") }
        }
        RequestContext.withCurrent(.make(pool: pool, user: "canceller")) { _ = future.cancel() }
        #expect(errors.elements == ["ann without context"])
        #expect(sites.elements == [SourceSite(line: line)], "it says where the callback was added")
        #expect(users.elements == ["ann"], "and whose it was")
    }

    @Test("a propagator that fails around a callback is reported, too")
    func propagatorsAreReported() {
        let propagator = ContextPropagator(name: "broken") { { _ in throw Broken(reason: "propagator") } }
        let future = Future<Int>.promise(home: makeHome([propagator]))
        future.whenComplete { _ in throw Broken(reason: "callback") }
        future.cancel()
        #expect(errors.elements == ["propagator without context", "callback without context"])
    }

    @Test("MP22: the thread that completes has its own context back after each callback")
    func completingThreadsKeepTheirContext() throws {
        let pool = try ContextPool(workers: 1)
        let future = Future<Int>.promise()
        RequestContext.withCurrent(.make(pool: pool, user: "listener")) {
            future.whenComplete { _ in RequestContext.current?.g.user = "changed" }
            future.whenComplete { _ in throw Broken() }
        }
        let canceller = RequestContext.make(pool: pool, user: "canceller")
        RequestContext.withCurrent(canceller) {
            future.cancel()
            #expect(RequestContext.current === canceller)
            #expect(RequestContext.current?.g.user == "canceller")
        }
        #expect(RequestContext.current == nil)
    }

    @Test("callbacks added and taken back from many threads while the future completes run once or not at all")
    func callbacksMayRace() async {
        for _ in 0..<200 {
            let future = Future<Int>.promise()
            let ran = Record<Int>()
            await withTaskGroup { group in
                for number in 0..<4 {
                    group.addTask {
                        let token = future.follow { _ in
                            ran.append(number)
                            return nil
                        }
                        if number.isMultiple(of: 2), let token { future.forget(token) }
                    }
                }
                group.addTask { future.complete(.success(1)) }
                group.addTask { _ = future.cancel() }
            }
            let counts = (0..<4).map { number in ran.elements.count { $0 == number } }
            #expect(counts[1] == 1 && counts[3] == 1)
            #expect(counts[0] <= 1 && counts[2] <= 1)
            #expect(future.observerCount == 0)
        }
    }

    @Test(
        "a callback of an async job that ends its worker keeps neither the others nor the pool from their ends",
        arguments: Lane.allCases
    )
    func callbacksMayEndTheWorker(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let future = try lane.submit(to: pool) { 1 }
        let told = Gate()
        future.whenComplete { _ in exitThread() }
        future.whenComplete { _ in told.open() }
        plug.release.open()
        await eventually { future.isFinished }
        #expect(try await pool.submit { 2 }.boundedValue == 2)
        #expect(await pool.shutDown(within: .seconds(5)).unfinished == 0)
        #expect(told.isOpen)
    }
}
