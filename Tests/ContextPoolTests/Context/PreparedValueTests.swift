import Testing

@testable import ContextPool

@Suite("A prepared value")
struct PreparedValueTests {
    private enum TenantKey: ContextKey {
        static let name = "tenant"
        static let defaultValue = ""
    }

    private enum PasswordKey: ContextKey {
        static let name = "password"
        static let defaultValue: String? = nil
        static let isSecret = true
    }

    private let app: AppContext

    init() throws { app = AppContext(name: "app", pool: try ContextPool(workers: 1)) }

    @Test("is set as any other one is, and changing it in one request changes no other")
    func sets() {
        let (one, other) = (RequestContext(app: app), RequestContext(app: app))
        let prepared = PreparedValue(TenantKey.self, "acme")
        for request in [one, other] {
            request.set(named: "first", to: "1")
            // Another type of the same name is another place.
            request.set(named: "tenant", to: "a text")
            request.set(TenantKey.self, to: "before")
            request.set(prepared)
            request.set(prepared)
        }
        one.set(TenantKey.self, to: "changed")
        #expect(one.g[TenantKey.self] == "changed")
        #expect(other.g[TenantKey.self] == "acme")
        #expect(other.g[named: "tenant"] == "a text")
        #expect(other.g.names == ["first", "tenant", "tenant"])
    }

    @Test("of a text is seen by its name, by the job as well, and what the job writes stays there")
    func setsByName() throws {
        let request = RequestContext(app: app)
        request.set(PreparedValue(named: "theme", "light"))
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        try snapshot.read {
            #expect($0.g[named: "theme"] == "light")
            $0.set(named: "theme", to: "dark")
            #expect($0.g[named: "theme"] == "dark")
        }
        #expect(request.g[named: "theme"] == "light")
    }

    @Test("leaves a secret secret, and is one where its key is")
    func keepsSecrets() {
        let (named, keyed) = (RequestContext(app: app), RequestContext(app: app))
        named.set(PasswordKey.self, to: "sesame")
        named.set(PreparedValue(named: "password", "open"))
        keyed.set(PreparedValue(PasswordKey.self, "open"))
        for request in [named, keyed] {
            let description = RequestContext.withCurrent(request) { ContextSnapshot.capture() }.description
            #expect(request.g[PasswordKey.self] == "open")
            #expect(description.contains("password=<redacted>"))
            #expect(!description.contains("open"))
        }
    }

    @Test("that takes the place of one that logs when it dies, lets it do so outside of the lock")
    func lettingGo() {
        final class Talkative: Sendable {
            let request: RequestContext
            init(_ request: RequestContext) { self.request = request }
            deinit { _ = request.g.names }
        }
        enum TalkativeKey: ContextKey {
            static let name = "talkative"
            static let defaultValue: Talkative? = nil
        }
        let request = RequestContext(app: app)
        request.set(TalkativeKey.self, to: Talkative(request))
        request.set(PreparedValue(TalkativeKey.self, nil))
        #expect(request.g[TalkativeKey.self] == nil)
    }
}
