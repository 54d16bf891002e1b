import ContextPool
import EventServer
import Foundation
import HTTPTypes
import Middleware
import Testing

@Suite struct MiddlewareRegistryTests {
    private struct Tenant: MiddlewarePlugin {
        static let name = "tenant"

        struct Options: Decodable {
            var header: String?
        }

        let header: String

        static func validate(_ options: Options) -> [OptionsError] {
            options.header == "" ? [OptionsError(key: "header", "It must not be empty.")] : []
        }

        init(options: Options) throws {
            guard options.header != "x" else { throw OptionsError(key: "header", "It is taken.") }
            header = options.header ?? "x-tenant"
        }

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }
    }

    private struct Plain: MiddlewarePlugin {
        static let name = "plain"

        init(options: NoOptions) {}

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }
    }

    /// Hands out the decoder of some JSON.
    private struct Whole: Decodable {
        let decoder: any Decoder

        init(from decoder: any Decoder) { self.decoder = decoder }

        static func of(_ json: String) throws -> any Decoder {
            try JSONDecoder().decode(Whole.self, from: Data(json.utf8)).decoder
        }
    }

    @Test func `the standard registry has the built-ins, each once`() {
        let names = MiddlewareRegistry.standard.names
        #expect(Set(["access-log", "auth", "cors", "g", "rate-limit", "request-id"]).isSubset(of: names))
        #expect(MiddlewareRegistry.standard.duplicates.isEmpty)
    }

    @Test func `a plug-in gets the options of its own type`() throws {
        var registry = MiddlewareRegistry()
        registry.register(Tenant.self)
        let middleware = try registry.makeMiddleware(named: "tenant", from: Whole.of(#"{"header": "x-shop"}"#))
        #expect((middleware as? Tenant)?.header == "x-shop")
    }

    @Test func `an unknown name makes nothing`() throws {
        #expect(try MiddlewareRegistry().makeMiddleware(named: "tenant", from: Whole.of("{}")) == nil)
    }

    @Test(arguments: [("", "It must not be empty."), ("x", "It is taken.")])
    func `what a plug-in says of its options comes out`(_ header: String, _ message: String) throws {
        var registry = MiddlewareRegistry()
        registry.register(Tenant.self)
        let decoder = try Whole.of("{\"header\": \"\(header)\"}")
        #expect(throws: OptionsError(key: "header", message)) {
            try registry.makeMiddleware(named: "tenant", from: decoder)
        }
    }

    @Test func `a name that is registered twice is noted`() {
        var registry = MiddlewareRegistry.standard
        registry.register(Tenant.self)
        registry.register(Tenant.self)
        registry.register(RequestIDMiddleware.self)
        #expect(registry.duplicates == ["tenant", "request-id"])
    }

    @Test func `a plug-in without options need not declare any`() throws {
        var registry = MiddlewareRegistry()
        registry.register(Plain.self)
        #expect(try registry.makeMiddleware(named: "plain", from: Whole.of("{}")) is Plain)
    }
}
