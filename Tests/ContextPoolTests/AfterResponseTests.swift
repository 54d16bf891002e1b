import TestSupport
import Testing

@testable import ContextPool

@Suite("JobLifetime.afterResponse", .timeLimit(.minutes(1)))
struct AfterResponseTests {
    @Test("the job begins when the request has ended, with the context as it was at submit")
    func beginsAfterTheEnd() async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool, user: "at submit")
        let (future, asyncFuture) = try RequestContext.withCurrent(request) {
            (
                try pool.submit(.afterResponse) { try RequestContext.require().g.user },
                try pool.submit(.afterResponse) { () async throws -> String in try RequestContext.require().g.user }
            )
        }
        request.g.user = "later"
        // A worker that is free would have taken them: it takes this one, which came after.
        #expect(try await pool.submit { 1 }.boundedValue == 1)
        #expect(!future.isFinished && !asyncFuture.isFinished)
        #expect(pool.waitingJobs == 2)
        request.tearDown()
        #expect(try await future.boundedValue == "at submit")
        #expect(try await asyncFuture.boundedValue == "at submit")
    }

    @Test("it is done though the client has left, and does not see that")
    func departedClients() async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool)
        let future = try RequestContext.withCurrent(request) {
            try pool.submit(.afterResponse) { try RequestContext.require().isCancelled }
        }
        request.cancel()
        #expect(try await pool.submit { 1 }.boundedValue == 1)
        #expect(!future.isFinished, "a request that was cancelled has not ended yet")
        request.tearDown()
        #expect(try await future.boundedValue == false)
    }

    @Test("without a request, and after its end, it waits for nothing")
    func withoutARequest() async throws {
        let pool = try ContextPool(workers: 1)
        #expect(try await pool.submit(.afterResponse) { 1 }.boundedValue == 1)
        let request = RequestContext.make(pool: pool)
        request.tearDown()
        let future = try RequestContext.withCurrent(request) { try pool.submit(.afterResponse) { 2 } }
        #expect(try await future.boundedValue == 2)
    }

    @Test("from a job it waits for the end of the request all the same")
    func fromAJob() async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool)
        let inner =
            try await RequestContext.withCurrent(request) {
                try pool.submit { try pool.submit(.afterResponse) { 3 } }
            }
            .boundedValue
        #expect(!inner.isFinished)
        request.tearDown()
        #expect(try await inner.boundedValue == 3)
    }

    @Test("it has its place in the queue from the beginning")
    func hasItsPlace() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1)
        let request = RequestContext.make(pool: pool)
        try RequestContext.withCurrent(request) {
            let held = try pool.submit(.afterResponse) {}
            #expect(throws: ContextPoolError.queueFull(pool: "pool", limit: 1)) { try pool.submit(.afterResponse) {} }
            #expect(held.cancel())
            try pool.submit(.afterResponse) {}
        }
        request.tearDown()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("a pool that shuts down refuses it, or waits for it and its request")
    func shutDown() async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool)
        let future = try RequestContext.withCurrent(request) { try pool.submit(.afterResponse, named: "mail") { 1 } }
        let report = await pool.shutDown(.cancelPending, within: patience)
        #expect(report.neverRan.map(\.name) == ["mail"])
        #expect(await future.settled.poolErrorCode == .shutDown)
        request.tearDown()
        let other = try ContextPool(workers: 1)
        let later = RequestContext.make(pool: other)
        let promised = try RequestContext.withCurrent(later) { try other.submit(.afterResponse) { 2 } }
        async let left = other.shutDown(within: patience)
        later.tearDown()
        #expect(await left.unfinished == 0)
        #expect(try await promised.boundedValue == 2)
    }

    @Test("a request that goes without its teardown lets them begin all the same")
    func aRequestThatIsNeverTornDownReleasesItsJobs() async throws {
        let pool = try ContextPool(workers: 1)
        let future = try RequestContext.withCurrent(RequestContext.make(pool: pool)) {
            try pool.submit(.afterResponse) { 1 }
        }
        #expect(try await future.boundedValue == 1)
    }

    @Test("one that is cancelled lets go of what it holds at once, not with the request")
    func cancelledHeldJobsLetGo() async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool)
        let death = Gate()
        func start() throws {
            let mortal = Mortal(death)
            try RequestContext.withCurrent(request) {
                try pool.submit(.afterResponse) { withExtendedLifetime(mortal) {} }
            }
            .cancel()
        }
        try start()
        #expect(death.isOpen)
        request.tearDown()
    }
}
