import TestSupport
import Testing

@testable import ContextPool

@Suite("ConnectionBound", .timeLimit(.minutes(1)))
struct ConnectionBoundTests {
    let pool: ContextPool
    let request: RequestContext
    let bound: ConnectionBound<String>

    init() throws {
        pool = try ContextPool(workers: 1)
        request = .make(pool: pool)
        bound = ConnectionBound("bytes", named: "the upload", to: request)
    }

    @Test("Law 7: while the request is under way jobs read it, afterwards they are told why not and whose fault it is")
    func lateReadsAreTold() async throws {
        #expect(try bound.get() == "bytes")
        let bound = self.bound
        let line = #line + 1
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        #expect(try await pool.submit { try snapshot.run { try bound.get() } }.boundedValue == "bytes")
        request.tearDown()
        let late = try pool.submit { try snapshot.run { try bound.get() } }
        let error = try #require(await late.settled.error as? ContextError)
        #expect(error.code == .requestEnded)
        for part in ["the upload", "ConnectionBoundTests.swift:\(line).", "response was sent", "afterLastHolder"] {
            #expect(error.description.contains(part), "\(part)")
        }
    }

    @Test("outside of a job the error names no line")
    func readersWithoutASnapshot() {
        request.tearDown()
        let error = #expect(throws: ContextError.self) { try bound.get() }
        #expect(error?.description.contains("captured") == false)
    }

    @Test("it ends with the job where it is bound to a job's context, and by hand")
    func endsWithWhomItIsBoundTo() throws {
        let inJob = try RequestContext.withCurrent(request) { ContextSnapshot.capture() }
            .read { job throws in
                let mine = ConnectionBound(1, named: "mine", to: job)
                let value = try mine.get()
                #expect(value == 1)
                return mine
            }
        #expect(throws: ContextError.self) { try inJob.get() }
        #expect(try bound.get() == "bytes")
        bound.revoke()
        bound.revoke()
        #expect(throws: ContextError.self) { try bound.get() }
    }

    @Test("bound to a request that has ended it is revoked from the start")
    func boundTooLate() {
        request.tearDown()
        #expect(throws: ContextError.self) { try ConnectionBound(1, named: "late", to: request).get() }
    }

    @Test("it lets go of its value at the end, whoever still holds the box; and the request does not hold the box")
    func letsGo() {
        let (valueDies, boxDies) = (Gate(), Gate())
        func bind() {
            let box = ConnectionBound(Mortal(valueDies), named: "mortal", to: request)
            withExtendedLifetime(box) { #expect(!valueDies.isOpen) }
        }
        bind()
        #expect(valueDies.isOpen)
        let box = ConnectionBound(Mortal(boxDies), named: "mortal", to: request)
        request.tearDown()
        #expect(boxDies.isOpen)
        withExtendedLifetime(box) {}
    }

    @Test("OB6: reads and the end at the same time give the value or the error, nothing else")
    func readsRaceWithTheEnd() async {
        let (bound, request) = (self.bound, self.request)
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    await onThread {
                        for _ in 0..<500 {
                            do throws(ContextError) {
                                let value = try bound.get()
                                #expect(value == "bytes")
                            } catch {
                                #expect(error.code == .requestEnded)
                            }
                        }
                    }
                }
            }
            group.addTask { request.tearDown() }
        }
    }
}
