import ContextPool
import EventServer
import HTTPTypes
import TestSupport
import Testing

@testable import Middleware

@Suite struct AuthorizeMiddlewareTests {
    private func respond(
        _ json: String,
        as user: AuthenticatedUser?,
        challenges: AuthChallenges? = nil
    ) async throws -> Response {
        let signIn = ClosureMiddleware { request, context, next in
            context.updateValues { values in
                values.user = user
                if let challenges { values[AuthChallengesKey.self] = challenges }
            }
            return try await next(request, in: context)
        }
        return try await TestExchange()
            .send(.test(), through: [signIn, try AuthorizeMiddleware(options: options(json))])
    }

    private func user(
        scopes: Set<String> = [],
        roles: Set<String> = [],
        by method: AuthenticatedUser.Method = .token
    ) -> AuthenticatedUser { AuthenticatedUser(id: "alice", method: method, scopes: scopes, roles: roles) }

    @Test(arguments: ["{}", #"{"roles": ["admin"]}"#, #"{"scopes": ["a"]}"#])
    func `who has not signed in gets 401 with the challenges of auth`(_ json: String) async throws {
        let response = try await respond(json, as: nil, challenges: AuthChallenges(basic: true, realm: "shop"))
        #expect(response.status == .unauthorized)
        #expect(response.headers[.wwwAuthenticate] == "Basic realm=\"shop\", charset=\"UTF-8\"")
        #expect(try await respond(json, as: nil).headers[.wwwAuthenticate] == "Bearer realm=\"baton\"")
    }

    @Test func `all scopes are needed, and one of the roles`() async throws {
        let json = #"{"scopes": ["a", "b"], "roles": ["admin", "boss"]}"#
        for roles in [["admin"], ["boss"], ["admin", "boss", "x"]] {
            #expect(try await respond(json, as: user(scopes: ["a", "b", "c"], roles: Set(roles))).status == .ok)
        }
        for (scopes, roles): (Set<String>, Set<String>) in [
            ([], []), (["a"], ["admin"]), (["b"], ["admin"]), (["a", "b"], []), (["a", "b"], ["Admin"]),
            (["a b"], ["admin"]), (["A", "B"], ["admin"]), (["admin"], ["a", "b"]),
        ] {
            #expect(try await respond(json, as: user(scopes: scopes, roles: roles)).status == .forbidden)
        }
    }

    @Test func `with no demands, whoever has signed in goes on`() async throws {
        #expect(try await respond("{}", as: user()).status == .ok)
    }

    @Test func `a token that lacks a scope is told which, and nobody else is`() async throws {
        let json = #"{"scopes": ["orders:read", "orders:write"]}"#
        let response = try await respond(json, as: user(scopes: ["orders:read"]))
        #expect(
            response.headers[.wwwAuthenticate]
                == "Bearer realm=\"baton\", error=\"insufficient_scope\", scope=\"orders:read orders:write\""
        )
        #expect(try await respond(json, as: user(by: .apiKey)).headers[.wwwAuthenticate] == nil)
        #expect(try await respond(#"{"roles": ["x"]}"#, as: user()).headers[.wwwAuthenticate] == nil)
    }

    @Test(arguments: [
        (#"{"scopes": [""]}"#, "scopes.0"), (#"{"scopes": ["a", "b c"]}"#, "scopes.1"),
        (#"{"scopes": ["a\"b"]}"#, "scopes.0"), (#"{"scopes": ["ä"]}"#, "scopes.0"),
        (#"{"roles": ["x", ""]}"#, "roles.1"),
    ])
    func `scopes and roles that nobody can have are refused`(_ json: String, _ key: String) throws {
        let error = try #require(throws: OptionsError.self) { try AuthorizeMiddleware(options: options(json)) }
        #expect(error.key == key)
    }

    @Test func `it needs auth before it`() throws {
        let rules = try AuthorizeMiddleware(roles: ["admin"]).chainRules
        let place = ChainRule.Place(name: "authorize", plugin: "authorize", rules: rules)
        let auth = ChainRule.Place(name: "auth", plugin: "auth", rules: [])
        #expect(ChainRule.breaches(in: [auth, place]).isEmpty)
        #expect(ChainRule.breaches(in: [place, auth]).count == 1)
        #expect(ChainRule.breaches(in: [place]).count == 1)
    }
}
