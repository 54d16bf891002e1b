import Synchronization
import TestSupport
import Testing

@testable import ContextPool

/// The laws of `submit`, on both lanes.
@Suite("The laws of the context", .timeLimit(.minutes(1)))
struct ContextLawsTests {
    @Test("Law 1: the snapshot is taken when submit is called, not when the job starts", arguments: Lane.allCases)
    func snapshotIsTakenAtSubmit(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let request = RequestContext.make(pool: pool, user: "at submit")
        let future = try RequestContext.withCurrent(request) {
            try lane.submit(to: pool) { try RequestContext.require().g.user }
        }
        request.g.user = "later"
        plug.release.open()
        #expect(try await future.boundedValue == "at submit")
    }

    @Test("Law 1: a pool made inside one request carries the next one's context", arguments: Lane.allCases)
    func snapshotIsNotTakenWhenThePoolIsMade(lane: Lane) async throws {
        let outer = try ContextPool(workers: 1)
        let pool = try RequestContext.withCurrent(.make(pool: outer, user: "maker")) { try ContextPool(workers: 1) }
        #expect(try await lane.submit(to: pool) { RequestContext.current == nil }.boundedValue)
        let seen = try RequestContext.withCurrent(.make(pool: pool, user: "submitter")) {
            try lane.submit(to: pool) { RequestContext.current?.g.user }
        }
        #expect(try await seen.boundedValue == "submitter")
    }

    @Test("Law 1: a propagator reads on the submitting thread")
    func propagatorsReadOnTheSubmittingThread() async throws {
        let threads = Record<String>()
        let propagator = ContextPropagator(name: "spy") {
            threads.append(currentThreadID())
            return nil
        }
        let pool = try ContextPool(workers: 1, propagators: [propagator])
        let submitter = try await onThread { () -> Result<String, any Error> in
            Result {
                let future = try pool.submit { currentThreadID() }
                #expect(try future.wait(timeout: patience) != currentThreadID())
                return currentThreadID()
            }
        }
        .get()
        #expect(threads.elements == [submitter])
    }

    @Test("Law 2: two jobs of one request have a context each", arguments: Lane.allCases)
    func jobsNeverShareAContext(lane: Lane) async throws {
        let pool = try ContextPool(workers: 2)
        let request = RequestContext.make(pool: pool)
        let bothRun = Turnstile()
        let futures = try RequestContext.withCurrent(request) {
            try (1...2)
                .map { number in
                    try lane.submit(to: pool) {
                        let mine = try RequestContext.require()
                        mine.g.count = number
                        bothRun.pass()
                        return mine
                    }
                }
        }
        await bothRun.reached(2)
        let contexts = [try await futures[0].boundedValue, try await futures[1].boundedValue]
        #expect(contexts[0] !== contexts[1])
        #expect(contexts.allSatisfy { $0 !== request })
        #expect(contexts.map(\.g.count) == [1, 2])
    }

    @Test("Law 2, MP6, MM14: three submissions see the values as they were at each of them", arguments: Lane.allCases)
    func eachSubmissionSeesItsOwnMoment(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let request = RequestContext.make(pool: pool)
        let futures = try RequestContext.withCurrent(request) {
            try ["a", "b", "c"]
                .map { user in
                    request.g.user = user
                    return try lane.submit(to: pool) { try RequestContext.require().g.user }
                }
        }
        plug.release.open()
        var seen: [String] = []
        for future in futures { seen.append(try await future.boundedValue) }
        #expect(seen == ["a", "b", "c"])
    }

    @Test("Law 3, MP5: what a job writes to g is not seen outside", arguments: Lane.allCases)
    func writesInsideStayInside(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool, user: "outside")
        let inside = try RequestContext.withCurrent(request) {
            try lane.submit(to: pool) {
                try RequestContext.require().g.user = "inside"
                return try RequestContext.require().g.user
            }
        }
        #expect(try await inside.boundedValue == "inside")
        #expect(request.g.user == "outside")
    }

    @Test("Law 3: what is written outside while a job runs is not seen inside", arguments: Lane.allCases)
    func writesOutsideStayOutside(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool, user: "before")
        let (runs, isWritten) = (Gate(), Gate())
        let inside = try RequestContext.withCurrent(request) {
            try lane.submit(to: pool) {
                runs.open()
                isWritten.wait()
                return try RequestContext.require().g.user
            }
        }
        await runs.opened()
        request.g.user = "after"
        isWritten.open()
        #expect(try await inside.boundedValue == "before")
        #expect(request.g.user == "after")
    }

    @Test("Law 3: a cleared key does not travel, and stays where it was", arguments: Lane.allCases)
    func clearedKeysStayBehind(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool)
        request.g.secret = "password"
        let inside = try RequestContext.withCurrent(request) {
            try lane.submit(to: pool) { try RequestContext.require().g }
        }
        let values = try await inside.boundedValue
        #expect(values.secret == nil)
        #expect(values.user == "ann")
        #expect(values.names == ["user"])
        #expect(request.g.secret == "password")
    }

    @Test(
        "Law 4, FT3, FE1, FE2, FE3: a job sees the submitter's application, its values and a request of that application",
        arguments: Lane.allCases
    )
    func jobsSeeBothContexts(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool)
        let seen = try RequestContext.withCurrent(request) {
            try lane.submit(to: pool) { (try AppContext.require(), try RequestContext.require()) }
        }
        let (app, copy) = try await seen.boundedValue
        #expect(app === request.app)
        #expect(copy.app === request.app)
        #expect(copy.g.user == "ann")
        #expect(copy.pool === pool)
    }

    @Test(
        "Law 4, FT4: without a request there is none in the job, and require says what to do",
        arguments: Lane.allCases
    )
    func noRequestMeansNone(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let app = AppContext(name: "test", pool: pool)
        let inApp = try AppContext.withCurrent(app) {
            try lane.submit(to: pool) { (AppContext.current, RequestContext.current == nil) }
        }
        let (current, hasNoRequest) = try await inApp.boundedValue
        #expect(current === app)
        #expect(hasNoRequest)

        let insisting = try lane.submit(to: pool) { try RequestContext.require().g.user }
        let error = try #require(await insisting.settled.error as? ContextError)
        #expect(error.code == .outsideRequestContext)
        #expect(error.description.contains("context.pool.submit"))
        let insistingOnApp = try lane.submit(to: pool) { try AppContext.require().name }
        #expect((await insistingOnApp.settled.error as? ContextError)?.code == .outsideAppContext)
    }

    @Test("Law 5: a job that submits passes its own context on, not its submitter's", arguments: Lane.allCases)
    func jobsPassTheirOwnContextOn(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let inner = try RequestContext.withCurrent(.make(pool: pool, user: "handler")) {
            try lane.submit(to: pool) {
                try RequestContext.require().g.user = "job"
                return try lane.submit(to: pool) { try RequestContext.require().g.user }
            }
        }
        #expect(try await inner.boundedValue.boundedValue == "job")
    }

    @Test("Law 6, OB8: the next job on the worker sees nothing of the one before", arguments: Lane.allCases)
    func workersForget(lane: Lane) async throws {
        let pool = try ContextPool(
            workers: 1,
            propagators: [.taskLocal(Ambient.$tenant, name: "tenant"), .taskLocal(Ambient.$trace, name: "trace")]
        )
        let first = try Ambient.$tenant.withValue("acme") {
            try RequestContext.withCurrent(.make(pool: pool)) {
                try lane.submit(to: pool) { (Ambient.tenant, currentThreadID()) }
            }
        }
        let (tenant, thread) = try await first.boundedValue
        #expect(tenant == "acme")
        for next in Lane.allCases {
            let clean = try next.submit(to: pool) {
                RequestContext.current == nil && AppContext.current == nil && Ambient.tenant == "no tenant"
                    && Ambient.trace == "no trace" && currentThreadID() == thread
            }
            #expect(try await clean.boundedValue)
        }
    }

    @Test("Law 6: the context is cleared before the future completes", arguments: Lane.allCases)
    func contextIsClearedBeforeCompletion(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, propagators: [.taskLocal(Ambient.$tenant, name: "tenant")])
        let plug = try await Plug(pool)
        let future = try Ambient.$tenant.withValue("acme") {
            try RequestContext.withCurrent(.make(pool: pool)) {
                try lane.submit(to: pool) { RequestContext.current != nil && Ambient.tenant == "acme" }
            }
        }
        let atCompletion = Record<Bool>()
        // `observe` runs on the completing thread with whatever context that has.
        future.observe { _ in atCompletion.append(RequestContext.current == nil && AppContext.current == nil) }
        plug.release.open()
        #expect(try await future.boundedValue)
        #expect(atCompletion.elements == [true])
    }

    @Test("Law 6: a job that throws leaves a clean worker", arguments: Lane.allCases)
    func failingJobsLeaveACleanWorker(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let failing = try RequestContext.withCurrent(.make(pool: pool)) {
            try lane.submit(to: pool) { throw Broken() }
        }
        #expect(await failing.settled.error as? Broken == Broken())
        #expect(try await pool.submit { RequestContext.current == nil }.boundedValue)
    }

    @Test(
        "Law 7, FL1: a job that starts after the end of its request reads all of its values",
        arguments: Lane.allCases
    )
    func snapshotsOutliveTheRequest(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let future = try {
            let request = RequestContext.make(pool: pool, user: "gone")
            defer { request.tearDown() }
            return try RequestContext.withCurrent(request) {
                try lane.submit(to: pool) { try RequestContext.require().g.user }
            }
        }()
        plug.release.open()
        #expect(try await future.boundedValue == "gone")
    }

    @Test("Law 7: a running job does not keep its request alive", arguments: Lane.allCases)
    func jobsDoNotHoldTheRequest(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let (runs, release) = (Gate(), Gate())
        let submitted = try {
            let request = RequestContext.make(pool: pool)
            let future = try RequestContext.withCurrent(request) {
                try lane.submit(to: pool) {
                    runs.open()
                    release.wait()
                }
            }
            return (future, Weak(request))
        }()
        await runs.opened()
        #expect(submitted.1.object == nil)
        release.open()
        try await submitted.0.boundedValue
    }

    @Test("Law 8, OB4: the request's teardown runs once, on its own side, whatever jobs do", arguments: Lane.allCases)
    func requestTeardownRunsOnce(lane: Lane) async throws {
        let pool = try ContextPool(workers: 2)
        let request = RequestContext.make(pool: pool)
        let teardowns = Record<Bool>()
        request.onTeardown { teardowns.append($0 === request) }
        let (runs, release) = (Gate(), Gate())
        let futures = try RequestContext.withCurrent(request) {
            let spanning = try lane.submit(to: pool) {
                runs.open()
                release.wait()
            }
            return [spanning, try lane.submit(to: pool) { throw Broken() }]
        }
        await runs.opened()
        _ = await futures[1].settled
        #expect(teardowns.elements.isEmpty)
        request.tearDown()
        request.tearDown()
        #expect(teardowns.elements == [true])
        release.open()
        try await futures[0].boundedValue
        #expect(teardowns.elements == [true])
        #expect(try await lane.submit(to: pool) { 1 }.boundedValue == 1)
    }

    @Test("Law 8, FE6: what a job adds for teardown runs at its end, also when it throws", arguments: Lane.allCases)
    func jobTeardownRunsAtTheJobsEnd(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let order = Record<String>()
        let request = RequestContext.make(pool: pool)
        let future = try RequestContext.withCurrent(request) {
            try lane.submit(to: pool) {
                try RequestContext.require()
                    .onTeardown { context in
                        order.append("teardown for \(context.g.user), current: \(RequestContext.current === context)")
                    }
                order.append("body")
                throw Broken()
            }
        }
        future.observe { _ in order.append("completed") }
        _ = await future.settled
        #expect(order.elements == ["body", "teardown for ann, current: true", "completed"])
    }

    @Test("Law 9, FT5: errors of the body come from the future and the worker survives", arguments: Lane.allCases)
    func errorsComeFromTheFuture(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let failing = try lane.submit(to: pool) { throw Broken(reason: "mine") }
        let result = await failing.settled
        #expect(result.error as? Broken == Broken(reason: "mine"))
        #expect(failing.isFinished)
        #expect(!failing.isCancelled)
        #expect(try await lane.submit(to: pool) { 2 }.boundedValue == 2)
    }

    @Test("Law 9: a full queue and a closed pool are told by submit", arguments: Lane.allCases)
    func refusalsAreThrownBySubmit(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, name: "small")
        let plug = try await Plug(pool)
        let waiting = try lane.submit(to: pool) { 1 }
        let full = #expect(throws: ContextPoolError.self) { try lane.submit(to: pool) { 2 } }
        #expect(full?.code == .queueFull)
        #expect(full?.description.contains("\"small\"") == true)
        plug.release.open()
        #expect(try await waiting.boundedValue == 1)
        await pool.shutDown(within: patience)
        let closed = #expect(throws: ContextPoolError.self) { try lane.submit(to: pool) { 3 } }
        #expect(closed?.code == .shutDown)
    }

    @Test("Law 10: a queued job that is cancelled never runs its body", arguments: Lane.allCases)
    func cancelledJobsNeverRun(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let hasRun = Gate()
        let future = try lane.submit(to: pool) { hasRun.open() }
        #expect(future.cancel())
        #expect(future.isCancelled)
        #expect(await future.settled.error is CancellationError)
        plug.release.open()
        await pool.shutDown(within: patience)
        #expect(!hasRun.isOpen)
    }

    @Test("Law 10: cancelling a running async job flags its task")
    func runningTasksAreFlagged() async throws {
        let pool = try ContextPool(workers: 1)
        let (runs, isFlagged) = (Gate(), Gate())
        let future = try pool.submit { () async throws -> Bool in
            let before = Task.isCancelled
            runs.open()
            await withTaskCancellationHandler {
                await isFlagged.opened()
            } onCancel: {
                isFlagged.open()
            }
            return !before && Task.isCancelled
        }
        await runs.opened()
        #expect(!future.cancel())
        #expect(try await future.boundedValue)
        #expect(!future.isCancelled)
    }

    @Test("Law 10: a running closure is left alone")
    func runningClosuresAreLeftAlone() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        #expect(!plug.future.cancel())
        #expect(!plug.future.isFinished)
        plug.release.open()
        try await plug.future.boundedValue
        #expect(!plug.future.cancel())
        #expect(!plug.future.isCancelled)
    }
}
