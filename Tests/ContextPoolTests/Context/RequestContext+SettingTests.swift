import Testing

@testable import ContextPool

@Suite("Setting one value")
struct RequestContextSettingTests {
    private enum TenantKey: ContextKey {
        static let name = "tenant"
        static let defaultValue = ""
    }

    private enum SessionKey: ContextKey {
        static let name = "session"
        static let defaultValue = 0
        static let travel = ContextTravel.cleared
    }

    private enum ProgressKey: ContextKey {
        static let name = "progress"
        static let defaultValue = 0
        static let travel = ContextTravel.shared
    }

    private let request: RequestContext

    init() throws { request = RequestContext(app: AppContext(name: "app", pool: try ContextPool(workers: 1))) }

    @Test("does what a write to g does, whatever the key's travel")
    func sets() throws {
        for round in 1...2 {
            request.set(TenantKey.self, to: "acme-\(round)")
            request.set(SessionKey.self, to: round)
            request.set(ProgressKey.self, to: round)
            #expect(request.g[TenantKey.self] == "acme-\(round)")
            #expect(request.g[SessionKey.self] == round)
            #expect(request.g[ProgressKey.self] == round)
        }
        #expect(request.g.names == ["tenant", "session", "progress"])
    }

    @Test("of a text by its name is seen under its key, and `nil` takes it away")
    func setsByName() {
        request.set(named: "user-id", to: "ada")
        #expect(request.g[named: "user-id"] == "ada")
        request.set(named: "user-id", to: nil)
        #expect(request.g[named: "user-id"] == nil)
    }

    @Test("is not seen by a job whose context was captured before, but for a shared one")
    func isNotSeenByEarlierJobs() throws {
        request.set(TenantKey.self, to: "acme")
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        let copy = request.g
        request.set(TenantKey.self, to: "other")
        request.set(ProgressKey.self, to: 7)
        try snapshot.read { #expect($0.g[TenantKey.self] == "acme") }
        try snapshot.read { #expect($0.g[ProgressKey.self] == 7) }
        #expect(copy[TenantKey.self] == "acme")
    }

    @Test("leaves a secret secret")
    func keepsSecrets() {
        enum PasswordKey: ContextKey {
            static let name = "password"
            static let defaultValue: String? = nil
            static let isSecret = true
        }
        request.set(PasswordKey.self, to: "sesame")
        request.set(named: "password", to: "open")
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        #expect(!"\(snapshot)".contains("open"))
    }

    @Test("lets what it replaces die where that may read the context")
    func replacedValuesMayRead() {
        enum FarewellKey: ContextKey {
            static let name = "farewell"
            static var defaultValue: Farewell? { nil }
        }
        let seen = Record<String>()
        request.set(TenantKey.self, to: "acme")
        request.set(FarewellKey.self, to: Farewell { [weak request] in seen.append(request?.g[TenantKey.self] ?? "") })
        request.set(FarewellKey.self, to: nil)
        #expect(seen.elements == ["acme"])
    }
}
