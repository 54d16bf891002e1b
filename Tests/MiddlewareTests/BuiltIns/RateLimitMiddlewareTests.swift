import Baton
import ContextPool
import EventServer
import HTTPTypes
import TestSupport
import Testing

@testable import Middleware

@Suite struct RateLimitMiddlewareTests {
    private let exchange: TestExchange

    init() throws { exchange = try TestExchange() }

    private func limit(_ json: String) throws -> RateLimitMiddleware {
        try RateLimitMiddleware(options: options(json)) { .zero }
    }

    private func send(
        _ limit: RateLimitMiddleware,
        _ target: String = "/",
        user: String? = nil,
        _ fields: String...
    ) async throws -> Response {
        let signIn = ClosureMiddleware { request, context, next in
            context.updateValues { $0.user = user.map { AuthenticatedUser(id: $0, method: .token) } }
            return try await next(request, in: context)
        }
        return await exchange.send(try .test(target, fields: fields), through: [signIn, limit])
    }

    @Test func `each answer says what is left, and a refusal when to come again`() async throws {
        let limit = try limit(#"{"requests": 2, "per": "1m"}"#)
        let first = try await send(limit)
        #expect(first.header("ratelimit-policy") == #""default";q=2;w=60"#)
        #expect(first.header("ratelimit") == #""default";r=1;t=30"#)
        _ = try await send(limit)
        let third = try await send(limit)
        #expect(third.status == .tooManyRequests)
        #expect(third.header("retry-after") == "30")
        #expect(third.header("ratelimit") == #""default";r=0;t=60"#)
    }

    @Test func `users are counted apart, and who is not known by his address`() async throws {
        let limit = try limit(#"{"requests": 1, "per": "1m", "by": "user"}"#)
        #expect(try await send(limit, user: "alice").status == .ok)
        #expect(try await send(limit, user: "bob").status == .ok)
        #expect(try await send(limit).status == .ok)
        #expect(try await send(limit, user: "alice").status == .tooManyRequests)
        #expect(try await send(limit).status == .tooManyRequests)
    }

    @Test func `a field can say who is counted`() async throws {
        let limit = try limit(#"{"requests": 1, "per": "1m", "by": "header", "header": "X-Tenant"}"#)
        #expect(try await send(limit, "/", "X-Tenant: a").status == .ok)
        #expect(try await send(limit, "/", "X-Tenant: b").status == .ok)
        #expect(try await send(limit, "/", "X-Tenant: a").status == .tooManyRequests)
    }

    @Test func `a field that nobody was given as a key counts for the address`() async throws {
        let limit = try limit(#"{"requests": 1, "per": "1m", "by": "header", "header": "X-Tenant"}"#)
        let long = String(repeating: "x", count: 257)
        #expect(try await send(limit, "/", "X-Tenant: \(long)a").status == .ok)
        #expect(try await send(limit, "/", "X-Tenant: \(long)b").status == .tooManyRequests)
    }

    @Test func `exempt paths are not counted`() async throws {
        let limit = try limit(#"{"requests": 1, "per": "1m", "exempt": ["/health"]}"#)
        for _ in 0..<3 {
            let response = try await send(limit, "/health")
            #expect(response.status == .ok)
            #expect(response.header("ratelimit") == nil)
        }
        #expect(try await send(limit).status == .ok)
    }

    @Test(arguments: [
        (#"{"requests": 1, "per": "1m", "by": "header"}"#, "header"),
        (#"{"requests": 1, "per": "1m", "by": "header", "header": "a b"}"#, "header"),
        (#"{"requests": 1, "per": "1m", "header": "x"}"#, "header"),
    ])
    func `a header without sense is refused`(_ json: String, _ key: String) throws {
        let error = try #require(throws: OptionsError.self) { try limit(json) }
        #expect(error.key == key)
    }

    @Test(arguments: [
        (#"{"requests": 0, "per": "1m"}"#, "requests"), (#"{"requests": 1, "per": "1m", "burst": 0}"#, "burst"),
        (#"{"requests": 1000001, "per": "1m"}"#, "requests"), (#"{"requests": -1, "per": "1m"}"#, "requests"),
    ])
    func `numbers that allow nothing are refused`(_ json: String, _ key: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try limit(json) }
        #expect(error.description.contains("\(key): expected a number from 1 to 1000000, found "))
    }

    @Test func `who is counted is one of three, and the mistake names them`() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try limit(#"{"requests": 1, "per": "1m", "by": "adress"}"#)
        }
        #expect(error.description.contains("did you mean \"address\"? Known: address, user, header."))
    }

    @Test(arguments: ["{}", #"{"requests": 1}"#, #"{"requests": 1, "per": "1m", "by": "moon"}"#])
    func `options that leave out what is counted are refused`(_ json: String) {
        #expect(throws: ConfigurationError.self) { try options(json, as: RateLimitMiddleware.Options.self) }
    }
}
