import TestSupport
import Testing

@testable import ContextPool

@Suite("ContextSnapshot", .timeLimit(.minutes(1)))
struct ContextSnapshotTests {
    let pool: ContextPool
    let request: RequestContext

    init() throws {
        pool = try ContextPool(workers: 1, propagators: [.taskLocal(Ambient.$tenant, name: "tenant")])
        request = .make(pool: pool)
    }

    @Test("MM1, FL2: what was captured is current inside, and what was before is back afterwards")
    func runAppliesAndRestores() throws {
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        let other = RequestContext.make(pool: pool, user: "other")
        try RequestContext.withCurrent(other) {
            let user = try snapshot.run { () throws -> String in
                #expect(RequestContext.current !== request)
                #expect(AppContext.current === request.app)
                return try RequestContext.require().g.user
            }
            #expect(user == "ann")
            #expect(RequestContext.current === other)
        }
        #expect(RequestContext.current == nil)
    }

    @Test("MM8: what was not captured is absent inside, though the caller has it")
    func absentIsAbsent() throws {
        let empty = ContextSnapshot.capture()
        let appOnly = AppContext.withCurrent(request.app) { ContextSnapshot.capture() }
        try RequestContext.withCurrent(request) {
            try empty.run {
                #expect(RequestContext.current == nil)
                #expect(AppContext.current == nil)
            }
            try appOnly.run {
                #expect(RequestContext.current == nil)
                #expect(AppContext.current === request.app)
            }
            #expect(RequestContext.current === request)
        }
    }

    @Test("an async run applies and restores too, over suspensions")
    func asyncRun() async throws {
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        let user = try await snapshot.run { () async throws -> String in
            await Task.yield()
            return try RequestContext.require().g.user
        }
        #expect(user == "ann")
        #expect(RequestContext.current == nil)
        await #expect(throws: Broken()) {
            try await snapshot.run { () async throws in
                await Task.yield()
                throw Broken()
            }
        }
        #expect(RequestContext.current == nil)
    }

    @Test("two runs of one snapshot, also within one another, never share a context")
    func runsNeverShare() throws {
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        try snapshot.run {
            let outer = try RequestContext.require()
            outer.g.user = "outer"
            try snapshot.run {
                let inner = try RequestContext.require()
                #expect(inner !== outer)
                #expect(inner.g.user == "ann")
            }
            #expect(RequestContext.current === outer)
        }
        #expect(try snapshot.run { try RequestContext.require().g.user } == "ann")
    }

    @Test("MP16, MM16: a bound closure keeps its own snapshot over the context of whoever calls it, a pool included")
    func boundClosuresKeepTheirSnapshot() async throws {
        let bound = Ambient.$tenant.withValue("bound") {
            RequestContext.withCurrent(request) {
                ContextSnapshot.capture().bind { "\(try RequestContext.require().g.user) \(Ambient.tenant)" }
            }
        }
        let other = RequestContext.make(pool: pool, user: "other")
        let future = try Ambient.$tenant.withValue("other") {
            try RequestContext.withCurrent(other) { try pool.submit { try bound() } }
        }
        #expect(try await future.boundedValue == "ann bound")
        #expect(try bound() == "ann bound")
    }

    @Test("capture takes the application's propagators along, and nothing outside of one")
    func captureTakesPropagatorsAlong() throws {
        let (inside, outside) = Ambient.$tenant.withValue("acme") {
            (AppContext.withCurrent(request.app) { ContextSnapshot.capture() }, ContextSnapshot.capture())
        }
        #expect(try inside.run { Ambient.tenant } == "acme")
        #expect(try outside.run { Ambient.tenant } == "no tenant")
    }

    @Test("the copy's teardown runs when the run ends, also by an error, and the request's does not")
    func teardownOfTheCopy() {
        let order = Record<String>()
        request.onTeardown { _ in order.append("request") }
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        #expect(throws: Broken()) {
            try snapshot.run {
                try RequestContext.require()
                    .onTeardown { _ in order.append("copy of \(RequestContext.current?.g.user ?? "")") }
                order.append("body")
                throw Broken()
            }
        }
        #expect(order.elements == ["body", "copy of ann"])
    }

    @Test("a snapshot keeps the values but not the request, and gives both up with itself")
    func snapshotsKeepValuesOnly() throws {
        let valueDies = Gate()
        func capture() -> (ContextSnapshot, Weak<RequestContext>) {
            let request = RequestContext.make(pool: pool)
            request.g.mortal = Mortal(valueDies)
            return (RequestContext.withCurrent(request) { ContextSnapshot.capture() }, Weak(request))
        }
        func check() throws {
            let (snapshot, request) = capture()
            #expect(request.object == nil)
            #expect(!valueDies.isOpen)
            #expect(try snapshot.run { try RequestContext.require().g.mortal != nil })
        }
        try check()
        #expect(valueDies.isOpen)
    }

    @Test("a job knows the line where its context was captured, a request knows none")
    func sitesAreKept() async throws {
        let line = #line + 1
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        let site = try #require(try snapshot.run { RequestContext.current?.capturedAt })
        #expect(site.file.hasSuffix("/ContextSnapshotTests.swift"))
        #expect(site.line == line)
        #expect(snapshot.site == site)
        #expect(request.capturedAt == nil)
        let thread = try RequestContext.withCurrent(request) {
            try ContextThread.start { RequestContext.current?.capturedAt?.line }
        }
        #expect(try await thread.value == #line - 2)
        let nested = try snapshot.run { ContextSnapshot.capture() }
        #expect(try nested.run { RequestContext.current?.capturedAt?.line } == #line - 1)
    }

    @Test("MM20: the description lists names and values; secrets are redacted, and what does not travel is not in it")
    func descriptions() throws {
        request.g[TokenKey.self] = "hush"
        request.g.secret = "password"
        request.g[TenantKey.self] = "acme"
        request.g[ProgressKey.self] = 40
        let line = #line + 1
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        request.g[ProgressKey.self] = 50
        let values = "with user=ann, token=<redacted>, tenant=acme, progress=50"
        let site = "\(#fileID):\(line)"
        #expect(snapshot.description == "test, request, captured at \(site), \(values), carrying tenant")
        #expect(!snapshot.description.contains("hush"))
        #expect(ContextSnapshot.capture().description == "no context")
        let appOnly = AppContext.withCurrent(request.app) { ContextSnapshot.capture(file: "A.swift", line: 1) }
        #expect(appOnly.description == "test, captured at A.swift:1, carrying tenant")
    }

    @Test("a secret stays one when it is written by its name, and one that is shared is one, too")
    func secretsStaySecret() {
        enum SharedTokenKey: ContextKey {
            static let name = "shared token"
            static let defaultValue: String? = nil
            static let travel = ContextTravel.shared
            static let isSecret = true
        }
        request.g[TokenKey.self] = "hush"
        request.g[named: "token"] = "hush hush"
        request.g[SharedTokenKey.self] = "hush"
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        #expect(snapshot.description.contains("token=<redacted>, shared token=<redacted>"))
        #expect(!snapshot.description.contains("hush"))
    }

    @Test(
        "values and names that a client has chosen are cut, and cannot forge a line of a log",
        arguments: [
            ("a\nb", "a\\u{a}b"), ("\u{1B}[31m", "\\u{1b}[31m"), ("\u{202E}x\u{2028}", "\\u{202e}x\\u{2028}"),
            ("é 日本", "é 日本"),
            ("", ""), (String(repeating: "x", count: 80), String(repeating: "x", count: 80)),
            (String(repeating: "é", count: 81), String(repeating: "é", count: 80) + "..."),
        ]
    )
    func valuesAreTamed(value: String, shown: String) {
        request.g[TenantKey.self] = value
        request.g[named: value] = "1"
        let description = RequestContext.withCurrent(request) { ContextSnapshot.capture() }.description
        #expect(description.contains("tenant=\(shown), \(shown)=1, carrying"))
    }

    @Test("of a long collection only the beginning is described")
    func collectionsAreCut() {
        enum BytesKey: ContextKey {
            static let name = "bytes"
            static let defaultValue: [UInt8]? = nil
        }
        func shown(_ value: [UInt8]) -> String {
            request.g[BytesKey.self] = value
            return RequestContext.withCurrent(request) { ContextSnapshot.capture() }.description
        }
        #expect(shown([1, 2]).contains("bytes=[1, 2],"))
        let megabytes = shown([UInt8](repeating: 7, count: 4_000_000))
        #expect(megabytes.contains("bytes=4000000 elements: 7, 7, "))
        #expect(megabytes.count < 300)
    }

    @Test("optionals are shown without the word, however deep")
    func optionalsAreShown() {
        enum DeepKey: ContextKey {
            static let name = "deep"
            static let defaultValue: Int?? = nil
        }
        func shown(_ value: Int??) -> String {
            request.g[DeepKey.self] = value
            return RequestContext.withCurrent(request) { ContextSnapshot.capture() }.description
        }
        #expect(shown(.some(.some(7))).contains("deep=7,"))
        #expect(shown(.some(nil)).contains("deep=nil,"))
        #expect(shown(nil).contains("deep=nil,"))
    }

    @Test("run on an event loop it stays there: waiting is refused", arguments: [ContextSelection.all, .appOnly])
    func aSnapshotOnALoopStaysOnTheLoop(selection: ContextSelection) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let request = RequestContext(app: AppContext(name: "test", pool: pool))
        await onThread {
            EventLoopThread.markCurrent()
            RequestContext.withCurrent(request) {
                let error = #expect(throws: ContextPoolError.self) {
                    try ContextSnapshot.capture(selection).run { try plug.future.wait(timeout: .milliseconds(10)) }
                }
                #expect(error?.code == .wouldBlockLoop)
            }
        }
        plug.release.open()
    }
}
