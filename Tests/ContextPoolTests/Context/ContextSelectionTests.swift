import TestSupport
import Testing

@testable import ContextPool

@Suite("ContextSelection", .timeLimit(.minutes(1)))
struct ContextSelectionTests {
    let pool: ContextPool
    let request: RequestContext

    init() throws {
        pool = try ContextPool(
            workers: 1,
            propagators: [.taskLocal(Ambient.$tenant, name: "tenant"), .taskLocal(Ambient.$trace, name: "trace")]
        )
        request = .make(pool: pool)
        request.g.count = 3
        request.g[TenantKey.self] = "acme"
        request.g[ProgressKey.self] = 10
        request.g.secret = "password"
    }

    @Test("MP1: what a selection does not name is absent in the job, and untouched for the submitter")
    func onlyTakesWhatIsNamed() throws {
        let snapshot = try capture(.only(TenantKey.self))
        try snapshot.read {
            #expect($0.g.names == ["tenant"])
            #expect($0.g[TenantKey.self] == "acme")
            #expect($0.g.user == "nobody")
            #expect($0.g[ProgressKey.self] == 0)
            #expect($0.app === request.app)
        }
        #expect(request.g.names == ["user", "count", "tenant", "secret", "progress"])
    }

    @Test("MM9, MM10: what is excepted is absent, everything else is there")
    func exceptLeavesOutWhatIsNamed() throws {
        try capture(.except(TenantKey.self))
            .read {
                #expect($0.g.names == ["user", "count", "progress"])
                #expect($0.g[TenantKey.self] == nil)
                #expect($0.g.user == "ann")
            }
    }

    @Test("MM3: values whose keys are private are selected by their names, of whichever type")
    func namesSelectToo() throws {
        try capture(.only(names: ["count", "user", "progress", "nothing of this name"]))
            .read { #expect($0.g.names == ["user", "count", "progress"]) }
        try capture(.except(names: ["count", "progress"])).read { #expect($0.g.names == ["user", "tenant"]) }
    }

    @Test("MM4: a capture takes the pool's selection, which it may replace; so does a thread")
    func capturesGoByThePool() throws {
        let pool = try ContextPool(workers: 1, context: .except(TenantKey.self))
        let request = RequestContext.make(pool: pool)
        request.g[TenantKey.self] = "acme"
        try RequestContext.withCurrent(request) {
            try ContextSnapshot.capture()
                .read {
                    #expect($0.g[TenantKey.self] == nil)
                    #expect($0.g.user == "ann")
                }
            try ContextSnapshot.capture(.all).read { #expect($0.g[TenantKey.self] == "acme") }
            try ContextSnapshot.capture(.only(TenantKey.self)).read { #expect($0.g.names == ["tenant"]) }
            let thread = try ContextThread.start { RequestContext.current?.g[TenantKey.self] }
            #expect(try thread.join() == nil)
        }
    }

    @Test("a key names its own slot only, not another type's of the same name")
    func keysNameTheirOwnSlot() throws {
        enum NumberKey: ContextKey {
            static let name = "tenant"
            static let defaultValue = 0
        }
        request.g[NumberKey.self] = 7
        try capture(.only(NumberKey.self))
            .read {
                #expect($0.g[NumberKey.self] == 7)
                #expect($0.g[TenantKey.self] == nil)
            }
        try capture(.except(NumberKey.self)).read { #expect($0.g.names.count { $0 == "tenant" } == 1) }
    }

    @Test("propagators are selected by name; what is left out is cleared, and what is unchanged is the runner's")
    func propagatorsAreSelected() throws {
        func seen(_ selection: ContextSelection) throws -> String {
            let snapshot = capture(selection)
            return try Ambient.$tenant.withValue("runner") {
                try Ambient.$trace.withValue("t-0") { try snapshot.run { "\(Ambient.tenant), \(Ambient.trace)" } }
            }
        }
        #expect(try seen(.all) == "acme, t-1")
        #expect(try seen(.only(TenantKey.self)) == "no tenant, no trace")
        #expect(try seen(.only(TenantKey.self, propagators: ["trace"])) == "no tenant, t-1")
        #expect(try seen(.only(TenantKey.self, propagators: ["trace"], unchanged: ["tenant"])) == "runner, t-1")
        #expect(try seen(.only(unchanged: ["tenant"])) == "runner, no trace")
        #expect(try seen(.except(propagators: ["trace"])) == "acme, no trace")
        #expect(try seen(.except(unchanged: ["trace"])) == "acme, t-0")
        #expect(try seen(.except(propagators: ["tenant"], unchanged: ["trace"])) == "no tenant, t-0")
        #expect(try seen(.except(TenantKey.self)) == "acme, t-1")
        #expect(try seen(.appOnly) == "no tenant, no trace")
    }

    @Test("a submitter that runs its job itself hides from it what is left out", arguments: Lane.allCases)
    func theCallerHidesToo(lane: Lane) async throws {
        let full = try ContextPool(
            workers: 1,
            queueLimit: 1,
            whenFull: .callerRuns,
            propagators: pool.propagators,
            context: .except(propagators: ["tenant"])
        )
        let plug = try await Plug(full)
        try full.submit {}
        let seen = try await onThread {
            try Ambient.$tenant.withValue("acme") {
                try Ambient.$trace.withValue("t-1") {
                    try lane.submit(to: full) { "\(Ambient.tenant), \(Ambient.trace)" }
                }
            }
        }
        // An async one goes on in the pool.
        plug.release.open()
        #expect(try await seen.boundedValue == "no tenant, t-1")
        #expect(await full.shutDown(within: patience).unfinished == 0)
    }

    @Test("steps and callbacks get the part that the pool selects, as its jobs do")
    func stepsGoByThePool() async throws {
        let pool = try ContextPool(
            workers: 1,
            propagators: self.pool.propagators,
            context: .except(TenantKey.self, propagators: ["tenant"])
        )
        let request = RequestContext.make(pool: pool)
        request.g[TenantKey.self] = "acme"
        @Sendable func seen() -> String {
            let g = RequestContext.current?.g
            return "\(g?[TenantKey.self] ?? "none"), \(g?.user ?? "nobody"), \(Ambient.tenant), \(Ambient.trace)"
        }
        let told = Record<String>()
        let source = Future<Int>.promise(home: pool.home)
        let steps = Ambient.$tenant.withValue("acme") {
            Ambient.$trace.withValue("t-1") {
                RequestContext.withCurrent(request) {
                    source.whenComplete { _ in told.append(seen()) }
                    return [
                        source.map { _ in seen() }, source.flatMap { _ in .completed(.success(seen())) },
                    ]
                }
            }
        }
        Ambient.$tenant.withValue("runner") { source.complete(.success(1)) }
        for step in steps { #expect(try await step.boundedValue == "none, ann, no tenant, t-1") }
        #expect(told.elements == ["none, ann, no tenant, t-1"])
    }

    @Test("on a worker, what is unchanged is what the worker has: not the submitter's", arguments: Lane.allCases)
    func unchangedOnAWorker(lane: Lane) async throws {
        let pool = try ContextPool(
            workers: 1,
            propagators: self.pool.propagators,
            context: .except(unchanged: ["trace"])
        )
        let seen = try Ambient.$tenant.withValue("acme") {
            try Ambient.$trace.withValue("t-1") {
                try lane.submit(to: pool) { "\(Ambient.tenant), \(Ambient.trace)" }
            }
        }
        #expect(try await seen.boundedValue == "acme, no trace")
    }

    @Test("in a task all task-locals travel unless the selection leaves one out; then the selected ones do")
    func selectionsInATask() async throws {
        func seen(_ selection: ContextSelection) async throws -> String {
            let snapshot = Ambient.$tenant.withValue("acme") {
                ContextSnapshot(
                    of: .request(request),
                    propagators: pool.propagators,
                    selection: selection,
                    inTask: true
                )
            }
            return
                try await Task.detached {
                    try await snapshot.run { () async throws -> String in
                        await Task.yield()
                        return "\(Ambient.tenant), \(RequestContext.current != nil)"
                    }
                }
                .value
        }
        #expect(ContextSelection.all.hasAllTaskLocals)
        #expect(try ContextSelection.except(TenantKey.self).hasAllTaskLocals)
        #expect(try !ContextSelection.except(propagators: ["trace"]).hasAllTaskLocals)
        #expect(try !ContextSelection.except(unchanged: ["trace"]).hasAllTaskLocals)
        #expect(!ContextSelection.appOnly.hasAllTaskLocals)
        #expect(try await seen(.only(TenantKey.self, propagators: ["tenant"])) == "acme, true")
        #expect(try await seen(.only(TenantKey.self)) == "no tenant, true")
        #expect(try await seen(.except(propagators: ["trace"])) == "acme, true")
        #expect(try await seen(.appOnly) == "no tenant, false")
    }

    @Test("appOnly gives the application alone, and the job is stopped with its request all the same")
    func appOnlyHidesTheRequest() throws {
        let snapshot = capture(.appOnly)
        try snapshot.run {
            #expect(RequestContext.current == nil)
            #expect(AppContext.current === request.app)
        }
        request.cancel()
        #expect(snapshot.life?.isCancelled == true)
    }

    @Test("MP4: a shared key that is selected is shared, also where nobody has written it yet")
    func selectedSharedKeysAreShared() throws {
        try capture(.only(JournalKey.self))
            .read {
                $0.g[JournalKey.self].append("job")
                $0.g[ProgressKey.self] = 99
            }
        #expect(request.g[JournalKey.self] == ["job"])
        #expect(request.g[ProgressKey.self] == 10, "not selected, so not shared")
    }

    @Test("a shared key that is excepted is the job's own, the others stay shared")
    func exceptedSharedKeysAreNotShared() throws {
        request.g[JournalKey.self] = ["request"]
        try capture(.except(ProgressKey.self))
            .read {
                #expect($0.g[ProgressKey.self] == 0)
                $0.g[ProgressKey.self] = 99
                $0.g[JournalKey.self].append("job")
            }
        #expect(request.g[ProgressKey.self] == 10)
        #expect(request.g[JournalKey.self] == ["request", "job"])
        try capture(.except(TenantKey.self)).read { $0.g[ProgressKey.self] = 11 }
        #expect(request.g[ProgressKey.self] == 11)
    }

    @Test("a job cannot get back what its submitter left out")
    func nothingComesBack() throws {
        try capture(.only(TenantKey.self))
            .read { _ in
                let inner = ContextSnapshot.capture(.all)
                try inner.read { #expect($0.g.names == ["tenant"]) }
            }
    }

    @Test("SR2: inside a job a scope may narrow the context for itself, and the job's is back afterwards")
    func scopesNarrow() throws {
        try capture(.all)
            .read { job in
                try ContextSnapshot.capture(.only(TenantKey.self)).read { #expect($0.g.user == "nobody") }
                #expect(RequestContext.current === job)
                #expect(job.g.user == "ann")
            }
    }

    @Test("MP2: a selection that says nothing or contradicts itself is refused when it is built")
    func nonsenseIsRefused() throws {
        let builds: [() throws -> ContextSelection] = [
            { try .only() }, { try .except() }, { try .only(names: [], propagators: []) },
            { try .only(TenantKey.self, SessionKey.self) },
            { try .only(propagators: ["trace"], unchanged: ["trace"]) },
            { try .except(propagators: ["trace"], unchanged: ["tenant", "trace"]) },
        ]
        let texts = builds.map { build in
            let error = #expect(throws: ContextPoolError.self) { try build() }
            #expect(error?.code == .invalidConfiguration)
            return error?.description ?? ""
        }
        #expect(texts[0].contains(".appOnly"))
        #expect(texts[1].contains(".all"))
        #expect(texts[3].contains("\"session\""))
        #expect(texts[4...].allSatisfy { $0.contains("\"trace\" twice") })
        _ = try ContextSelection.except(SessionKey.self)
    }

    @Test("MP3: a propagator that is not registered is refused, with the names of those that are")
    func unknownPropagatorsAreRefused() throws {
        let selections: [ContextSelection] = [
            try .only(propagators: ["trac"]), try .except(propagators: ["trac"]), try .only(unchanged: ["trac"]),
        ]
        for selection in selections {
            let error = #expect(throws: ContextPoolError.self) { try selection.check(against: pool.propagators) }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.description.contains("\"trac\"") == true)
            #expect(error?.description.contains("tenant, trace") == true)
            let none = #expect(throws: ContextPoolError.self) { try selection.check(against: []) }
            #expect(none?.description.contains("registered are: none") == true)
        }
        try ContextSelection.only(propagators: ["trace"]).check(against: pool.propagators)
        try ContextSelection.all.check(against: [])
    }

    @Test("MM5: any selection of nothing is nothing")
    func nothingStaysNothing() throws {
        let selections: [ContextSelection] = [.all, .appOnly, try .only(TenantKey.self), try .except(TenantKey.self)]
        for selection in selections {
            try ContextSnapshot.capture(selection).run { #expect(AppContext.current == nil) }
        }
    }

    @Test("MM19: all values, selected ones, selected ones that are absent; and no snapshot keeps another's")
    func snapshotsKeepToTheirOwn() throws {
        enum AbsentKey: ContextKey {
            static let name = "absent"
            static let defaultValue: String? = nil
        }
        try capture(.all).read { #expect($0.g.names.count == 4) }
        try capture(.only(TenantKey.self, AbsentKey.self)).read { #expect($0.g.names == ["tenant"]) }
        try capture(.only(AbsentKey.self)).read { #expect($0.g.names.isEmpty) }
        let first = try capture(.only(TenantKey.self))
        let second = try capture(.only(names: ["count"]))
        try first.read { _ in try second.read { #expect($0.g.names == ["count"]) } }
    }

    private func capture(_ selection: ContextSelection) -> ContextSnapshot {
        Ambient.$tenant.withValue("acme") {
            Ambient.$trace.withValue("t-1") {
                RequestContext.withCurrent(request) { ContextSnapshot.capture(selection) }
            }
        }
    }
}
