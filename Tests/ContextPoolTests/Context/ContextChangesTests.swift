import TestSupport
import Testing

@testable import ContextPool

@Suite("ContextChanges", .timeLimit(.minutes(1)))
struct ContextChangesTests {
    let request: RequestContext

    init() throws {
        request = .make(pool: try ContextPool(workers: 1))
        request.g[TenantKey.self] = "acme"
    }

    @Test("what the job wrote comes back, and nothing else")
    func writesComeBack() throws {
        let changes = try changes {
            $0.g.count = 5
            $0.g.user = "bea"
            $0.g[SessionKey.self] = "the job's own"
            $0.g[ProgressKey.self] = 50
        }
        #expect(changes.names == ["user", "count"])
        #expect(changes[CountNamedKey.self] == 5)
        #expect(changes[TenantKey.self] == nil)
        #expect(!changes.isEmpty)
    }

    @Test("a job that only reads, or has no request, hands nothing back")
    func nothingComesOfNothing() throws {
        #expect(try changes { _ = $0.g.user }.isEmpty)
        let none = Record<ContextChanges>()
        try ContextSnapshot.capture().run({}, atEnd: { none.append($0) })
        #expect(none.elements.map(\.isEmpty) == [true])
    }

    @Test("a value that was written as it was is changed, since somebody decided so")
    func equalWritesAreChanges() throws {
        #expect(try changes { $0.g.user = "ann" }.names == ["user"])
    }

    @Test("a job that fails hands back what it wrote until then, before its teardown and without a context")
    func failedJobsHandBack() throws {
        let order = Record<String>()
        let snapshot = capture()
        #expect(throws: Broken()) {
            try snapshot.run {
                let mine = try RequestContext.require()
                mine.onTeardown { _ in order.append("teardown") }
                mine.g.user = "bea"
                throw Broken()
            } atEnd: {
                order.append("\($0) \(RequestContext.current == nil)")
            }
        }
        #expect(order.elements == ["user=bea true", "teardown"])
    }

    @Test("an async job hands back, too")
    func asyncJobsHandBack() async throws {
        let handed = Record<String>()
        let snapshot = capture()
        try await snapshot.run { () async throws in
            await Task.yield()
            try RequestContext.require().g.user = "bea"
        } atEnd: {
            handed.append($0.description)
        }
        #expect(handed.elements == ["user=bea"])
    }

    @Test("a job whose body never ran hands nothing back")
    func unrunJobsHandNothingBack() throws {
        let refusing = ContextPropagator(name: "refusing") { { _ in throw Broken() } }
        let snapshot = ContextSnapshot(of: .request(request), propagators: [refusing])
        #expect(throws: Broken()) { try snapshot.run({}, atEnd: { _ in Issue.record("it has not run") }) }
    }

    @Test("what the job took away comes back as taken away")
    func removalsComeBack() throws {
        let changes = try changes {
            $0.g = ContextValues()
            $0.g.count = 1
        }
        #expect(changes.names == ["count", "user", "tenant"])
        #expect(changes.description == "count=1, user=(taken away), tenant=(taken away)")
        #expect(request.merge(changes).isEmpty)
        #expect(request.g.names == ["count"])
    }

    @Test("merging takes over what only the job has changed")
    func mergingTakesOver() throws {
        let changes = try changes { $0.g.user = "bea" }
        request.g.count = 2
        #expect(request.merge(changes).isEmpty)
        #expect(request.g.user == "bea")
        #expect(request.g.count == 2)
        #expect(request.merge(changes).isEmpty, "merging again changes nothing")
    }

    @Test("what both have changed is a conflict: ours stays and it is told, unless theirs is to be taken")
    func conflictsAreTold() throws {
        let changes = try changes {
            $0.g.user = "theirs"
            $0.g[TenantKey.self] = "changed by the job only"
            $0.g[TokenKey.self] = "their secret"
        }
        request.g.user = "ours"
        request.g[TokenKey.self] = "our secret"
        let conflicts = request.merge(changes)
        #expect(conflicts.map(\.name) == ["user", "token"])
        #expect(conflicts[0].ours(UserNamedKey.self) == "ours")
        #expect(conflicts[0].theirs(UserNamedKey.self) == "theirs")
        #expect(conflicts[0].theirs(TenantKey.self) == nil)
        #expect(conflicts[0].resolution == .keepOurs)
        #expect(
            conflicts[0].description == "user was changed on both sides: ours is ours, theirs is theirs; ours was kept"
        )
        #expect(!conflicts[1].description.contains("our secret"))
        #expect(!conflicts[1].description.contains("their secret"))
        #expect(request.g.user == "ours")
        #expect(request.g[TenantKey.self] == "changed by the job only")

        let taken = request.merge(changes, onConflict: .takeTheirs)
        #expect(taken.map(\.name) == ["user", "token"])
        #expect(taken[0].ours(UserNamedKey.self) == "ours")
        #expect(request.g.user == "theirs")
        #expect(request.g[TokenKey.self] == "their secret")
    }

    @Test("two jobs that changed the same value conflict, those that changed different ones do not")
    func jobsConflictWithEachOther() throws {
        let (first, second) = (try changes { $0.g.user = "one" }, try changes { $0.g.user = "two" })
        let third = try changes { $0.g.count = 3 }
        #expect(request.merge(first).isEmpty)
        #expect(request.merge(second).map(\.name) == ["user"])
        #expect(request.merge(third).isEmpty)
        #expect(request.g.user == "one")
        #expect(request.g.count == 3)
    }

    @Test("a value that both have added or both have taken away is told rightly")
    func additionsAndRemovalsConflict() throws {
        let added = try changes { $0.g.count = 1 }
        request.g.count = 2
        #expect(request.merge(added).map(\.name) == ["count"])
        let removed = try changes { $0.g = ContextValues() }
        request.g.user = "changed"
        let conflicts = request.merge(removed)
        #expect(
            conflicts.map(\.description) == [
                "user was changed on both sides: ours is changed, theirs is nothing; ours was kept"
            ]
        )
        #expect(request.g.names == ["user"])
    }

    @Test("changes merge into plain values as well, and into a request that never had the key")
    func changesMergeAnywhere() throws {
        let changes = try changes { $0.g.count = 9 }
        var values = ContextValues()
        #expect(values.merge(changes).isEmpty)
        #expect(values.count == 9)
    }

    @Test("only what was selected can be handed back as taken away")
    func selectionsDoNotLookLikeRemovals() throws {
        let handed = Record<ContextChanges>()
        try RequestContext.withCurrent(request) { try ContextSnapshot.capture(.only(TenantKey.self)) }
            .run {
                try RequestContext.require().g[TenantKey.self] = "new"
            } atEnd: {
                handed.append($0)
            }
        #expect(handed.elements.flatMap(\.names) == ["tenant"])
        #expect(request.merge(handed.elements[0]).isEmpty)
        #expect(request.g.user == "ann")
    }

    @Test("who asked gets the changes, also of a job that failed; who did not is told how to ask")
    func handBacks() throws {
        let (handBack, unused) = (ContextHandBack(), ContextHandBack())
        let outcome = Result {
            try capture()
                .run(
                    {
                        try RequestContext.require().g.user = "bea"
                        throw Broken()
                    },
                    atEnd: handBack.put
                )
        }
        #expect(try ContextHandBack.changes(in: handBack, after: outcome).names == ["user"])
        #expect(throws: Broken()) { try ContextHandBack.changes(in: unused, after: outcome) }
        let error = #expect(throws: ContextError.self) { try ContextHandBack.changes(in: nil, after: outcome) }
        #expect(error?.code == .notHandedBack)
        #expect(error?.description.contains("handingBack: true") == true)
    }

    private func capture() -> ContextSnapshot { RequestContext.withCurrent(request) { ContextSnapshot.capture() } }

    private func changes(_ body: (RequestContext) throws -> Void) throws -> ContextChanges {
        var handed: [ContextChanges] = []
        try withoutActuallyEscaping(body) { body in
            try capture()
                .run {
                    try body(RequestContext.require())
                } atEnd: {
                    handed.append($0)
                }
        }
        return try #require(handed.first)
    }
}

/// The slots of the fixtures' accessors, whose keys are private.
private enum CountNamedKey: ContextKey {
    static let name = "count"
    static let defaultValue = 0
}

private enum UserNamedKey: ContextKey {
    static let name = "user"
    static let defaultValue = "nobody"
}
