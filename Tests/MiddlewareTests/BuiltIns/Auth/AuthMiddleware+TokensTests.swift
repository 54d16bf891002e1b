import ContextPool
import Crypto
import EventServer
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import Middleware

@Suite struct AuthMiddlewareTokensTests {
    private let folder: TemporaryFolder
    private let exchange: TestExchange

    init() throws {
        folder = try TemporaryFolder()
        exchange = try TestExchange()
    }

    private func started(_ json: String, date: @escaping @Sendable () -> Double = { 1_000_000 }) async throws
        -> AuthMiddleware
    {
        var auth = try AuthMiddleware(options: options(json), now: { .zero }, date: date)
        try await auth.start(in: exchange.setup)
        return auth
    }

    private func send(_ token: String, to auth: AuthMiddleware) async throws -> Response {
        try await exchange.send(.test(fields: ["Authorization: Bearer \(token)"]), through: [auth]) { _, context in
            let user = context.g.user
            return .text("\(user?.id ?? "") \(user?.scopes.sorted() ?? []) \(user?.roles.sorted() ?? [])")
        }
    }

    private func pemFile(_ algorithm: TokenAlgorithm) throws -> String {
        try folder.file("\(algorithm).pem", try SigningKeys.pem(algorithm).utf8)
    }

    private func setFile(_ keys: [String]) throws -> String {
        try folder.file("jwks.json", "{\"keys\": [\(keys.joined(separator: ","))]}".utf8)
    }

    private static let asymmetric = TokenAlgorithm.allCases.filter { $0.secretSize == nil }

    @Test(arguments: [TokenAlgorithm.hs256, .hs384, .hs512])
    func `a secret is for one algorithm only`(_ algorithm: TokenAlgorithm) async throws {
        let auth = try await started(
            #"{"secret": "\#(AuthMiddlewareTests.secret)", "algorithm": "\#(algorithm.rawValue)"}"#
        )
        for other in [TokenAlgorithm.hs256, .hs384, .hs512] {
            let response = try await send(try await SigningKeys.sign(other), to: auth)
            #expect(response.status == (other == algorithm ? .ok : .unauthorized), "\(other)")
        }
    }

    @Test(arguments: asymmetric)
    func `a public key in PEM is for one algorithm only`(_ algorithm: TokenAlgorithm) async throws {
        let file = try pemFile(algorithm)
        let auth = try await started(#"{"keyFile": "\#(file)", "algorithm": "\#(algorithm.rawValue)"}"#)
        for other in Self.asymmetric {
            let response = try await send(try await SigningKeys.sign(other), to: auth)
            #expect(response.status == (other == algorithm ? .ok : .unauthorized), "\(other)")
        }
    }

    @Test(arguments: asymmetric)
    func `a public key is not taken for the secret of an HMAC`(_ algorithm: TokenAlgorithm) async throws {
        let pem = try SigningKeys.pem(algorithm)
        let set = try setFile([SigningKeys.jwk(algorithm, kid: "a", alg: algorithm.rawValue)])
        let files = [#""keyFile": "\#(try pemFile(algorithm))""#, #""jwksFile": "\#(set)""#]
        for file in files {
            let auth = try await started("{\(file)}")
            for hmac in [TokenAlgorithm.hs256, .hs384, .hs512] {
                for secret in [pem, pem.trimmingCharacters(in: .whitespacesAndNewlines)] {
                    let token = try await SigningKeys.sign(hmac, secret: secret, kid: "a")
                    #expect(try await send(token, to: auth).status == .unauthorized)
                }
            }
        }
    }

    @Test func `left out, the algorithm is what the key says`() async throws {
        for algorithm in [TokenAlgorithm.rs256, .es256, .es384, .es512, .edDSA] {
            let auth = try await started(#"{"keyFile": "\#(try pemFile(algorithm))"}"#)
            #expect(try await send(try await SigningKeys.sign(algorithm), to: auth).text == "alice [] []")
        }
    }

    @Test func `of a set, the key with the kid is taken, and no other`() async throws {
        let set = try setFile([
            SigningKeys.jwk(.rs256, kid: "r", alg: "RS512"), SigningKeys.jwk(.es256, kid: "e"),
            SigningKeys.jwk(.es384, kid: "f"), SigningKeys.jwk(.edDSA, kid: "d"), SigningKeys.jwk(.es512, kid: nil),
        ])
        let auth = try await started(#"{"jwksFile": "\#(set)"}"#)
        let good: [(TokenAlgorithm, String?)] = [
            (.rs512, "r"), (.es256, "e"), (.es384, "f"), (.edDSA, "d"), (.es512, "any"), (.es512, nil), (.edDSA, nil),
        ]
        for (algorithm, kid) in good {
            #expect(try await send(try await SigningKeys.sign(algorithm, kid: kid), to: auth).status == .ok)
        }
        let bad: [(TokenAlgorithm, String?)] = [
            (.rs256, "r"), (.es256, "f"), (.es256, "x"), (.es256, ""), (.edDSA, "e"), (.hs256, "r"), (.hs256, nil),
            (.ps512, "r"), (.rs512, "R"),
        ]
        for (algorithm, kid) in bad {
            let response = try await send(try await SigningKeys.sign(algorithm, kid: kid), to: auth)
            #expect(response.status == .unauthorized, "\(algorithm) \(kid ?? "")")
        }
    }

    @Test func `keys of a set that nobody can use are left out`() async throws {
        let set = try setFile([
            #"{"kty":"oct","k":"AAAA","kid":"o"}"#, #"{"kty":"new"}"#, "{}", "[]", "7", "null",
            #"{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"weak"}"#, #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
            SigningKeys.jwk(.rs256, kid: "oaep", alg: "RSA-OAEP"), SigningKeys.jwk(.es384, kid: "odd", alg: "ES256"),
            SigningKeys.jwk(.es256, kid: "e"),
        ])
        let auth = try await started(#"{"jwksFile": "\#(set)"}"#)
        #expect(try await send(try await SigningKeys.sign(.es256, kid: "e"), to: auth).status == .ok)
        #expect(try await send(try await SigningKeys.sign(.es384, kid: "odd"), to: auth).status == .unauthorized)
    }

    @Test(arguments: [
        #""use":"enc""#, #""use":7"#, #""use":["sig"]"#, #""use":"""#, #""key_ops":["encrypt"]"#, #""key_ops":[]"#,
        #""key_ops":"verify""#, #""use":"sig","key_ops":["sign"]"#,
    ])
    func `a key of a set that is for something else checks no token`(_ purpose: String) async throws {
        let key = try SigningKeys.jwk(.es256, kid: "e")
        let set = try setFile(["\(key.dropLast()),\(purpose)}", SigningKeys.jwk(.edDSA, kid: "d")])
        let auth = try await started(#"{"jwksFile": "\#(set)"}"#)
        #expect(try await send(try await SigningKeys.sign(.es256, kid: "e"), to: auth).status == .unauthorized)
        #expect(try await send(try await SigningKeys.sign(.edDSA, kid: "d"), to: auth).status == .ok)
    }

    @Test(arguments: [#""use":"sig""#, #""use":null"#, #""key_ops":["verify"]"#, #""key_ops":["sign","verify"]"#])
    func `a key of a set that is for signatures checks tokens`(_ purpose: String) async throws {
        let key = try SigningKeys.jwk(.es256, kid: "e")
        let auth = try await started(#"{"jwksFile": "\#(try setFile(["\(key.dropLast()),\(purpose)}"]))"}"#)
        #expect(try await send(try await SigningKeys.sign(.es256, kid: "e"), to: auth).status == .ok)
    }

    @Test(arguments: [
        "", "{}", "[]", "{\"keys\": 7}", "{\"keys\": []}", "{\"keys\": [{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", "garbage",
    ])
    func `a set without a key stops the start`(_ text: String) async throws {
        let file = try folder.file("jwks.json", text.utf8)
        await #expect(throws: OptionsError.self) { try await started(#"{"jwksFile": "\#(file)"}"#) }
    }

    @Test func `a file that is no public key stops the start, and says what it is`() async throws {
        let files: [(String, String)] = [
            ("", "no public key"), ("garbage", "no public key"),
            ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no public key"),
            (SigningKeys.p256.pemRepresentation, "private key"),
        ]
        for (text, reason) in files {
            let file = try folder.file("key.pem", text.utf8)
            let error = await #expect(throws: OptionsError.self) { try await started(#"{"keyFile": "\#(file)"}"#) }
            #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        }
        await #expect(throws: OptionsError.self) { try await started(#"{"keyFile": "\#(folder.path)/none.pem"}"#) }
        await #expect(throws: OptionsError.self) { try await started(#"{"keyFile": "\#(folder.path)"}"#) }
        let wrong = try pemFile(.es256)
        await #expect(throws: OptionsError.self) {
            try await started(#"{"keyFile": "\#(wrong)", "algorithm": "ES384"}"#)
        }
    }

    @Test func `issuer and audience must be those that are demanded`() async throws {
        let auth = try await started(
            #"{"secret": "\#(AuthMiddlewareTests.secret)", "issuer": "https://id.test", "audience": "shop"}"#
        )
        typealias Claims = SigningKeys.Claims
        for claims in [
            Claims(iss: "https://id.test", aud: ["shop"]), Claims(iss: "https://id.test", aud: ["bank", "shop"]),
        ] {
            #expect(try await send(try await SigningKeys.sign(claims, .hs256), to: auth).status == .ok)
        }
        for claims in [
            Claims(), Claims(iss: "https://id.test"), Claims(aud: ["shop"]), Claims(iss: "https://id.test", aud: []),
            Claims(iss: "https://id.test", aud: ["bank"]), Claims(iss: "https://id.test/", aud: ["shop"]),
            Claims(iss: "https://ID.test", aud: ["shop"]), Claims(iss: "https://id.test", aud: ["Shop"]),
        ] {
            #expect(try await send(try await SigningKeys.sign(claims, .hs256), to: auth).status == .unauthorized)
        }
    }

    @Test func `a token for somebody else's audience is refused where none is set`() async throws {
        let auth = try await started(#"{"secret": "\#(AuthMiddlewareTests.secret)"}"#)
        let token = try await SigningKeys.sign(SigningKeys.Claims(aud: ["bank"]), .hs256)
        #expect(try await send(token, to: auth).status == .unauthorized)
        #expect(exchange.logs.lines.contains { $0.metadata["error"]?.contains("aud") == true })
    }

    @Test func `leeway counts on both ends, to the second`() async throws {
        let auth = try await started(#"{"secret": "\#(AuthMiddlewareTests.secret)", "leeway": "30s"}"#)
        typealias Claims = SigningKeys.Claims
        for claims in [Claims(exp: 999_971), Claims(nbf: 1_000_030)] {
            #expect(try await send(try await SigningKeys.sign(claims, .hs256), to: auth).status == .ok)
        }
        for claims in [
            Claims(exp: 999_970), Claims(nbf: 1_000_031), Claims(exp: 0), Claims(exp: -1e300), Claims(nbf: 1e300),
        ] {
            #expect(try await send(try await SigningKeys.sign(claims, .hs256), to: auth).status == .unauthorized)
        }
    }

    @Test func `scopes and roles are those of the token`() async throws {
        let auth = try await started(#"{"secret": "\#(AuthMiddlewareTests.secret)"}"#)
        let token = try await SigningKeys.sign(SigningKeys.Claims(scope: "b  a", roles: ["admin", "x y"]), .hs256)
        #expect(try await send(token, to: auth).text == #"alice ["a", "b"] ["admin", "x y"]"#)
    }

    @Test func `what baton signs, it takes`() async throws {
        let auth = try await started(
            #"{"secret": "\#(AuthMiddlewareTests.secret)", "algorithm": "HS512", "issuer": "i", "audience": "a"}"#,
            date: { Date.now.timeIntervalSince1970 }
        )
        let token = try await AuthMiddleware.makeToken(
            for: "bob",
            secret: AuthMiddlewareTests.secret,
            algorithm: .hs512,
            issuer: "i",
            audience: "a",
            scopes: ["s", "t"],
            roles: ["r"]
        )
        #expect(try await send(token, to: auth).text == #"bob ["s", "t"] ["r"]"#)
        await #expect(throws: OptionsError.self) {
            try await AuthMiddleware.makeToken(for: "bob", secret: AuthMiddlewareTests.secret, algorithm: .rs256)
        }
    }
}
