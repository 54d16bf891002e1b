import ContextPool
import EventServer
import Foundation
import HTTPTypes
import JWTKit
import Middleware
import TestSupport
import Testing

@Suite struct AuthMiddlewareTests {
    static let secret = "a-test-secret-of-64-bytes-and-more-so-that-it-fits-every-algorithm!"
    static let key = "0123456789abcdef"
    /// What is stored of a key.
    static let hashes = [
        "sha256:9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f",
        "sha256:3465f6e6975baa864ca957f0914ecda9bf7eb601ac31ac20a5dc3d329279a843",
    ]

    private func respond(
        _ target: String = "/private",
        _ fields: [String] = [],
        required: Bool = true,
        exempt: [String] = []
    ) async throws -> Response {
        let rules = exempt.map { "\"\($0)\"" }.joined(separator: ",")
        let auth = try AuthMiddleware(
            options: options(
                """
                {"required": \(required), "exempt": [\(rules)], "secret": "\(Self.secret)", \
                "apiKeys": {"alice": "\(Self.hashes[0])", "bob": "\(Self.hashes[1])"}}
                """
            )
        )
        return try await TestExchange()
            .send(.test(target, fields: fields), through: [auth]) { _, context in
                .text(context.g.user.map { "\($0.id) \($0.method)" } ?? "nobody")
            }
    }

    private struct Claims: JWTPayload {
        var sub: String?
        var exp: Double?
        var nbf: Double?

        func verify(using algorithm: some JWTAlgorithm) {}
    }

    private func token(_ claims: Claims, secret: String = secret, kid: JWKIdentifier? = nil) async throws -> String {
        let keys = await JWTKeyCollection().add(hmac: HMACKey(from: Array(secret.utf8)), digestAlgorithm: .sha256)
        return try await keys.sign(claims, header: kid.map { ["kid": .string($0.string)] } ?? [:])
    }

    private static var now: Double { Date.now.timeIntervalSince1970 }

    @Test func `the innermost auth says how to sign in, also where that is what everybody says`() async throws {
        let usual = try AuthMiddleware(options: options(#"{"required": false, "secret": "\#(Self.secret)"}"#))
        let other = try AuthMiddleware(
            options: options(#"{"required": false, "realm": "shop", "apiKeys": {"alice": "\#(Self.hashes[0])"}}"#)
        )
        let demand = try AuthorizeMiddleware(options: options("{}"))
        for (chain, field) in [
            ([usual], "Bearer realm=\"baton\""), ([other], "ApiKey realm=\"shop\""),
            ([usual, other], "ApiKey realm=\"shop\""), ([other, usual], "Bearer realm=\"baton\""),
        ] {
            let response = try await TestExchange().send(.test(), through: chain + [demand])
            #expect(response.status == .unauthorized)
            #expect(response.headers[.wwwAuthenticate] == field)
        }
    }

    @Test func `a token that baton has made names the user`() async throws {
        let token = try await AuthMiddleware.makeToken(for: "carol", secret: Self.secret)
        #expect(try await respond("/", ["Authorization: Bearer \(token)"]).text == "carol token")
        #expect(try await respond("/", ["authorization: bEaReR \(token)"]).text == "carol token")
    }

    @Test func `a token of another maker is valid by its signature and its times`() async throws {
        let now = Self.now
        for claims in [
            Claims(sub: "dave"), Claims(sub: "dave", exp: now + 60), Claims(sub: "dave", nbf: now - 60),
            Claims(sub: "dave", exp: now + 60.5, nbf: now - 60.5),
        ] {
            #expect(try await respond("/", ["Authorization: Bearer \(token(claims))"]).text == "dave token")
        }
        let named = try await token(Claims(sub: "dave"), kid: "elsewhere")
        #expect(try await respond("/", ["Authorization: Bearer \(named)"]).text == "dave token")
    }

    @Test(arguments: [true, false])
    func `a token that is not valid is 401, also where none is required`(_ required: Bool) async throws {
        let now = Self.now
        let good = try await token(Claims(sub: "eve"))
        let parts = good.split(separator: ".").map(String.init)
        func part(_ json: String) -> String {
            Data(json.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
        }
        let bad = [
            "expired": try await token(Claims(sub: "eve", exp: now - 1)),
            "not yet valid": try await token(Claims(sub: "eve", nbf: now + 60)),
            "without a user": try await token(Claims(exp: now + 60)),
            "with an empty user": try await token(Claims(sub: "")),
            "of another key": try await token(Claims(sub: "eve"), secret: String(repeating: "x", count: 40)),
            "alg none": part(#"{"alg":"none","typ":"JWT"}"#) + "." + parts[1] + ".",
            "alg none, with the signature": part(#"{"alg":"none"}"#) + "." + parts[1] + "." + parts[2],
            "other alg": part(#"{"alg":"HS512","typ":"JWT"}"#) + "." + parts[1] + "." + parts[2],
            "other payload": parts[0] + "." + part(#"{"sub":"root"}"#) + "." + parts[2],
            "no signature": parts[0] + "." + parts[1],
            "empty signature": parts[0] + "." + parts[1] + ".",
            "cut signature": String(good.dropLast(4)),
            "extra part": good + ".x",
            "garbage": "garbage", "dots": "..", "unicode": "ä.ö.ü",
            "long": String(repeating: "a", count: 9000) + ".a.a",
            "too long": String(repeating: "a", count: 17_000) + ".a.a", "padded": good + "=",
            "in the other alphabet": good.replacing("-", with: "+").replacing("_", with: "/") + "+",
            "deep": part(String(repeating: "[", count: 3000)) + "." + parts[1] + "." + parts[2],
        ]
        for (name, token) in bad {
            let response = try await respond("/", ["Authorization: Bearer \(token)"], required: required)
            #expect(response.status == .unauthorized, "\(name)")
            #expect(response.headers[.wwwAuthenticate] == "Bearer realm=\"baton\", error=\"invalid_token\"", "\(name)")
            #expect(!response.text.contains("eve"), "\(name)")
        }
    }

    @Test func `a token that was signed with another algorithm, but the same secret, is 401`() async throws {
        let keys = await JWTKeyCollection().add(hmac: HMACKey(from: Array(Self.secret.utf8)), digestAlgorithm: .sha512)
        let token = try await keys.sign(Claims(sub: "eve"))
        #expect(try await respond("/", ["Authorization: Bearer \(token)"]).status == .unauthorized)
    }

    @Test func `a token that asks for an extension nobody knows is 401`() async throws {
        let keys = await JWTKeyCollection().add(hmac: HMACKey(from: Array(Self.secret.utf8)), digestAlgorithm: .sha256)
        let token = try await keys.sign(
            Claims(sub: "eve"),
            header: ["crit": .array([.string("exp2")]), "exp2": .int(1)]
        )
        #expect(try await respond("/", ["Authorization: Bearer \(token)"]).status == .unauthorized)
    }

    @Test(arguments: ["Basic YTpi", "Bearer", "Bearer ", "token", "", ","])
    func `what is no bearer token is 401 with a challenge`(_ value: String) async throws {
        let response = try await respond("/", ["Authorization: \(value)"], required: false)
        #expect(response.status == .unauthorized)
        #expect(response.headers[.wwwAuthenticate]?.hasPrefix("Bearer realm=\"baton\"") == true)
    }

    @Test func `an API key names its owner`() async throws {
        #expect(try await respond("/", ["X-API-Key: \(Self.key)"]).text == "alice apiKey")
        #expect(try await respond("/", ["x-api-key:   fedcba9876543210  "]).text == "bob apiKey")
    }

    @Test(arguments: [
        "", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "alice", "wrong, 0123456789abcdef",
    ])
    func `any other API key is 401, also where none is required`(_ key: String) async throws {
        #expect(try await respond("/", ["x-api-key: \(key)"], required: false).status == .unauthorized)
    }

    @Test func `the stored hash is no key`() async throws {
        for hash in Self.hashes + Self.hashes.map({ String($0.dropFirst(7)) }) {
            #expect(try await respond("/", ["x-api-key: \(hash)"]).status == .unauthorized)
        }
    }

    @Test func `two Authorization fields are 401, whatever they say`() async throws {
        let token = try await AuthMiddleware.makeToken(for: "carol", secret: Self.secret)
        let field = "Authorization: Bearer \(token)"
        #expect(try await respond("/", [field, field], required: false).status == .unauthorized)
    }

    @Test func `two API keys are 401, whichever they are`() async throws {
        for other in [Self.key, "wrong", ""] {
            let fields = ["x-api-key: \(Self.key)", "X-API-Key: \(other)"]
            #expect(try await respond("/", fields, required: false).status == .unauthorized)
        }
    }

    @Test func `where no API keys are given out, nobody looks for one`() async throws {
        let auth = try AuthMiddleware(options: options("{\"secret\": \"\(Self.secret)\", \"required\": false}"))
        let token = try await AuthMiddleware.makeToken(for: "carol", secret: Self.secret)
        for (field, user) in [("x-a: b", "nobody"), ("Authorization: Bearer \(token)", "carol")] {
            let response = try await TestExchange()
                .send(.test("/", fields: ["x-api-key: of another service", field]), through: [auth]) { _, context in
                    .text(context.g.user?.id ?? "nobody")
                }
            #expect(response.text == user)
        }
    }

    @Test func `an API key wins over whatever Authorization says, and a wrong one over a valid token`() async throws {
        let token = try await AuthMiddleware.makeToken(for: "carol", secret: Self.secret)
        #expect(try await respond("/", ["x-api-key: \(Self.key)", "Authorization: Basic YTpi"]).text == "alice apiKey")
        let wrong = try await respond("/", ["x-api-key: wrong", "Authorization: Bearer \(token)"])
        #expect(wrong.status == .unauthorized)
    }

    @Test func `without credentials it is 401 where they are required, and nobody where not`() async throws {
        let response = try await respond()
        #expect(response.status == .unauthorized)
        #expect(response.headers[.wwwAuthenticate] == "Bearer realm=\"baton\"")
        #expect(try await respond(required: false).text == "nobody")
    }

    @Test(arguments: ["/health", "/health?x=1", "/public/", "/public/a/b", "/public/a?next=/private", "/public/a%20b"])
    func `an exempt path needs no credentials`(_ target: String) async throws {
        let response = try await respond(target, exempt: ["/health", "/public/*"])
        #expect(response.text == "nobody")
    }

    @Test(arguments: [
        "/", "/private", "/health/", "/healthz", "/Health", "//health", "/health//", "/%68ealth", "/health%20",
        "/health;a",
        "/public", "/Public/a", "//public/a", "/%70ublic/a", "/private/public/", "/private?/public/",
        "/private?x=/health",
        "/public/../private", "/public/a/../../private", "/public/%2e%2e/private", "/public/%2E./private",
        "/public/..%2fprivate",
        "/public/..%5cprivate", "/public/..\\private", "/public/..", "/public/%", "/public/%ff", "/./health",
    ])
    func `a path that only looks exempt needs credentials`(_ target: String) async throws {
        let response = try await respond(target, exempt: ["/health", "/public/*"])
        #expect(response.status == .unauthorized)
    }

    @Test func `wrong credentials are 401 on exempt paths, too, and right ones name the user`() async throws {
        let wrong = try await respond("/health", ["x-api-key: no"], exempt: ["/health"])
        #expect(wrong.status == .unauthorized)
        #expect(try await respond("/health", ["x-api-key: \(Self.key)"], exempt: ["/health"]).text == "alice apiKey")
    }

    @Test func `a refused request does not reach the rest of the chain`() async throws {
        let journal = Journal()
        let auth = try AuthMiddleware(options: options("{\"secret\": \"\(Self.secret)\"}"))
        try await TestExchange()
            .send(.test(), through: [auth]) { _, _ in
                journal.note("handler")
                return .text("ok")
            }
        #expect(journal.entries.isEmpty)
    }

    @Test(arguments: [
        ("{}", ""), (#"{"required": false}"#, ""), (#"{"secret": "short"}"#, "secret"), (#"{"secret": ""}"#, "secret"),
        (#"{"algorithm": "HS512", "secret": "a-secret-of-32-bytes-but-not-of-64"}"#, "secret"),
        (#"{"algorithm": "RS256", "secret": "a-secret-of-32-bytes-but-not-of-64"}"#, "secret"),
        (#"{"apiKeys": {"alice": "0123456789abcdef"}}"#, "apiKeys.alice"),
        (#"{"apiKeys": {"alice": ""}}"#, "apiKeys.alice"), (#"{"apiKeys": {"alice": "sha256:00"}}"#, "apiKeys.alice"),
        (#"{"apiKeys": {"a": "KEY", "b": "KEY"}}"#, "apiKeys.b"),
        (#"{"apiKeys": {"a": "KEY"}, "apiKeyHeader": "a b"}"#, "apiKeyHeader"),
        (#"{"apiKeys": {"a": "KEY"}, "exempt": ["health"]}"#, "exempt.0"),
        (#"{"apiKeys": {"a": "KEY"}, "exempt": ["/*/health"]}"#, "exempt.0"),
        (#"{"apiKeys": {"a": "KEY"}, "exempt": [""]}"#, "exempt.0"),
        (#"{"apiKeys": {"a": "KEY"}, "exempt": ["/a?b"]}"#, "exempt.0"),
        (#"{"apiKeys": {"a": "KEY"}, "scopes": {"b": ["x"]}}"#, "scopes.b"),
        (#"{"apiKeys": {"a": "KEY"}, "roles": {"b": ["x"]}}"#, "roles.b"),
        (#"{"apiKeys": {"a": "KEY"}, "realm": "a\"b"}"#, "realm"),
        (#"{"users": {"a": "open sesame"}}"#, "users.a"), (#"{"users": {"a": "$2b$04$tooshort"}}"#, "users.a"),
    ])
    func `options that make no sense stop the start`(_ json: String, _ key: String) throws {
        let json = json.replacing("KEY", with: Self.hashes[0])
        let error = try #require(throws: OptionsError.self) { try AuthMiddleware(options: options(json)) }
        #expect(error.key == key)
        #expect(!error.description.contains("0123456789abcdef") && !error.description.contains("sesame"))
    }

    @Test func `an API key that stands there itself says what to write instead`() throws {
        let json = #"{"apiKeys": {"alice": "0123456789abcdef"}}"#
        let error = try #require(throws: OptionsError.self) { try AuthMiddleware(options: options(json)) }
        #expect(error.description.contains("printf %s KEY | sha256sum"))
    }

    @Test func `claims of the token are there as text`() async throws {
        struct Rich: JWTPayload {
            var sub = "frank"
            var admin = true
            var level = 7
            var score = 1.5
            var roles = ["a"]

            func verify(using algorithm: some JWTAlgorithm) {}
        }
        let keys = await JWTKeyCollection().add(hmac: HMACKey(from: Array(Self.secret.utf8)), digestAlgorithm: .sha256)
        let token = try await keys.sign(Rich())
        let auth = try AuthMiddleware(options: options("{\"secret\": \"\(Self.secret)\"}"))
        try await TestExchange()
            .send(.test(fields: ["Authorization: Bearer \(token)"]), through: [auth]) { _, context in
                #expect(
                    context.g.user?.claims == ["sub": "frank", "admin": "true", "level": "7", "score": "1.5"]
                )
                let user = try await context.pool.submit { try RequestContext.require().g.user?.id }.value
                #expect(user == "frank")
                return .text("ok")
            }
    }
}
