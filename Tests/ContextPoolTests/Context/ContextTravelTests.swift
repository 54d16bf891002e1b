import TestSupport
import Testing

@testable import ContextPool

@Suite("Shared keys", .timeLimit(.minutes(1)))
struct ContextTravelTests {
    let pool: ContextPool
    let request: RequestContext

    init() throws {
        pool = try ContextPool(workers: 2)
        request = .make(pool: pool)
    }

    @Test(
        "MP4: what a job appends to a shared value is there for the submitter, and the reverse",
        arguments: Lane.allCases
    )
    func writesAreSeenOnBothSides(lane: Lane) async throws {
        request.g[JournalKey.self] = ["submitter"]
        let (hasWritten, goOn) = (Gate(), Gate())
        let job = try RequestContext.withCurrent(request) {
            try lane.submit(to: pool) {
                let mine = try RequestContext.require()
                mine.g[JournalKey.self].append("job")
                hasWritten.open()
                goOn.wait()
                return mine.g[JournalKey.self]
            }
        }
        await hasWritten.opened()
        #expect(request.g[JournalKey.self] == ["submitter", "job"])
        request.g[JournalKey.self].append("meanwhile")
        goOn.open()
        #expect(try await job.boundedValue == ["submitter", "job", "meanwhile"])
    }

    @Test("MP4: a shared value that a job writes first is there for the submitter", arguments: Lane.allCases)
    func firstWriteMayBeTheJobs(lane: Lane) async throws {
        try await RequestContext.withCurrent(request) {
            try lane.submit(to: pool) { try RequestContext.require().g[ProgressKey.self] = 50 }
        }
        .boundedValue
        #expect(request.g[ProgressKey.self] == 50)
        #expect(request.g.names == ["user", "progress"])
    }

    @Test("jobs of one request share it with each other and with the jobs of jobs, also when the request is over")
    func jobsShareAmongEachOther() async throws {
        let inner =
            try await RequestContext.withCurrent(request) {
                try pool.submit(.detached) { [pool] in
                    try RequestContext.require().g[ProgressKey.self] = 1
                    return try pool.submit { try RequestContext.require().update(ProgressKey.self) { $0 += 1 } }
                }
            }
            .boundedValue
        try await inner.boundedValue
        request.tearDown()
        #expect(request.g[ProgressKey.self] == 2)
    }

    @Test("updates of a shared value from many jobs and the request are not lost")
    func updatesAreNotLost() async throws {
        let futures = try RequestContext.withCurrent(request) {
            try (0..<8)
                .map { _ in
                    try pool.submit {
                        let mine = try RequestContext.require()
                        for _ in 0..<500 { mine.update(ProgressKey.self) { $0 += 1 } }
                    }
                }
        }
        for _ in 0..<500 { request.update(ProgressKey.self) { $0 += 1 } }
        for future in futures { try await future.boundedValue }
        #expect(request.g[ProgressKey.self] == 4_500)
    }

    @Test("unguarded reads and writes from many threads are no race, and what is read was written")
    func readsAndWritesAreNoRace() async throws {
        let request = self.request
        await withTaskGroup { group in
            for thread in 0..<4 {
                group.addTask {
                    await onThread {
                        for round in 0..<500 {
                            request.g[ProgressKey.self] = thread * 1_000 + round
                            #expect(request.g[ProgressKey.self] % 1_000 < 500)
                        }
                    }
                }
            }
        }
    }

    @Test("two requests never share, though they began with the same values")
    func requestsNeverShare() {
        var values = ContextValues()
        values[ProgressKey.self] = 1
        let first = RequestContext(app: request.app, values: values)
        let second = RequestContext(app: request.app, values: values)
        first.g[ProgressKey.self] = 2
        #expect(second.g[ProgressKey.self] == 1)
        second.g = first.g
        second.g[ProgressKey.self] = 3
        #expect(first.g[ProgressKey.self] == 2)
        second.updateValues { $0 = ContextValues() }
        #expect(second.g[ProgressKey.self] == 3, "a request keeps what it shares with its jobs")
    }

    @Test("a write to g that overlaps with a capture does not cut the job off")
    func replacedValuesStayShared() throws {
        var values = request.g
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        values.user = "bea"
        request.g = values
        try snapshot.read { $0.g[ProgressKey.self] = 7 }
        #expect(request.g[ProgressKey.self] == 7)
        #expect(request.g.user == "bea")
        request.g = ContextValues()
        try snapshot.read { $0.g[ProgressKey.self] = 8 }
        #expect(request.g[ProgressKey.self] == 8)
    }

    @Test("a shared value that dies may read its request")
    func dyingValuesMayRead() {
        let seen = Record<Bool>()
        enum FarewellKey: ContextKey {
            static let name = "farewell"
            static var defaultValue: Farewell? { nil }
            static let travel = ContextTravel.shared
        }
        request.g[FarewellKey.self] = Farewell { [weak request] in seen.append(request?.g[FarewellKey.self] == nil) }
        request.g[FarewellKey.self] = nil
        request.g[FarewellKey.self] = Farewell { [weak request] in seen.append(request?.g[FarewellKey.self] == nil) }
        request.update(FarewellKey.self) { $0 = nil }
        #expect(seen.elements == [true, true])
    }

    @Test("update changes copied and cleared values as well, of this context only")
    func updateReachesEveryKey() throws {
        #expect(
            request.update(TenantKey.self) {
                $0 = "acme"
                return $0
            } == "acme"
        )
        request.update(SessionKey.self) { $0 = "s-1" }
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        try snapshot.read { $0.update(TenantKey.self) { $0 = "other" } }
        #expect(request.g[TenantKey.self] == "acme")
        #expect(request.g[SessionKey.self] == "s-1")
    }
}
