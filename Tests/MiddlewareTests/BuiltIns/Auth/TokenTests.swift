import Crypto
import Foundation
import TestSupport
import Testing

@testable import Middleware

/// Tokens that somebody has made to be trouble: from a seed, so that each can be had again.
@Suite struct TokenTests {
    private static let secret = "a-secret-of-more-than-thirty-two-bytes-for-tokens"
    private static let now = 1_000_000.0

    private let keys: [TokenKey]

    init() async throws {
        keys = [
            try TokenKey(secret: Self.secret, .hs256), try await TokenKey(pem: SigningKeys.pem(.es256), nil),
            try await TokenKey(pem: SigningKeys.pem(.rs256), nil),
            try await TokenKey(pem: SigningKeys.pem(.edDSA), nil),
        ]
    }

    /// Whom a token names, as `auth` finds it out; `nil` where it is refused.
    private func user(_ text: String) -> AuthenticatedUser? {
        do throws(TokenFault) {
            let token = try Token(text[...])
            let claims = try token.claims(provenBy: keys.filter { $0.isMeant(by: token.header) })
            return try TokenRules(now: { Self.now }).user(named: claims)
        } catch {
            return nil
        }
    }

    private func sign(_ claims: String, header: String = #"{"alg":"HS256"}"#) -> String {
        let text = "\(Base64URL.encode(Data(header.utf8))).\(Base64URL.encode(Data(claims.utf8)))"
        let key = SymmetricKey(data: Array(Self.secret.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
        return "\(text).\(Base64URL.encode(Data(code)))"
    }

    @Test(arguments: [TokenAlgorithm.hs256, .es256, .rs256, .edDSA])
    func `a token that was changed opens nothing`(_ algorithm: TokenAlgorithm) async throws {
        let good = try await SigningKeys.sign(algorithm, secret: Self.secret)
        #expect(user(good)?.id == "alice")
        let signature = Base64URL.decode(try #require(good.split(separator: ".").last))
        let signed = good.prefix(through: try #require(good.lastIndex(of: ".")))
        var random = SeededGenerator(seed: 5)
        var refused = 0
        for _ in 0..<2000 {
            var bytes = Array(good.utf8)
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
                default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            // The last letter of a signature has bits that count for nothing.
            let isSame = text.hasPrefix(signed) && Base64URL.decode(text.dropFirst(signed.count)) == signature
            guard !isSame else { continue }
            #expect(user(text) == nil, "\(text)")
            refused += 1
        }
        #expect(refused > 1900)
    }

    private static let oddValues = [
        "null", "true", "0", "-0", "-1", "1e400", "-1e400", "1e308", "-1e308", "999999", "1000000", "1000001", "0.5",
        "1000000.0000001", "9223372036854775808", "18446744073709551616", "123456789012345678901234567890", "1E-400",
        #""""#, #""alice""#, #""1e9""#, #""\u0000""#, #""\ud800""#, "[]", "[1]", #"["a","b"]"#, "[[]]", "{}",
        #"{"a":1}"#,
        String(repeating: "[", count: 400) + String(repeating: "]", count: 400), "NaN", "Infinity", "0x10", "01", "+1",
        "",
    ]

    @Test func `whatever the claims are, the token names somebody of its own time or nobody`() throws {
        var random = SeededGenerator(seed: 6)
        let names = ["sub", "exp", "nbf", "iat", "aud", "iss", "scope", "roles", "jti", "x"]
        var accepted = 0
        for _ in 0..<3000 {
            var members = (0..<Int.random(in: 0..<6, using: &random))
                .map { _ in
                    let name = names.randomElement(using: &random) ?? ""
                    return "\"\(name)\":\(Self.oddValues.randomElement(using: &random) ?? "")"
                }
            if Bool.random(using: &random) { members.append(#""sub":"alice""#) }
            let claims = "{\(members.shuffled(using: &random).joined(separator: ","))}"
            guard let user = user(sign(claims)) else { continue }
            accepted += 1
            #expect(!user.id.isEmpty, "\(claims)")
            // It refuses numbers beyond all limits also where nobody reads them.
            guard let object = try? JSONSerialization.jsonObject(with: Data(claims.utf8)),
                let read = object as? [String: Any]
            else { continue }
            // Where a name stands there twice, two readers may differ, but both are of the signer.
            guard Set(members.map { $0.prefix(4) }).count == members.count else { continue }
            #expect(read["sub"] as? String == user.id)
            if let end = read["exp"] as? Double { #expect(end > Self.now, "\(claims)") }
            if let begin = read["nbf"] as? Double { #expect(begin <= Self.now, "\(claims)") }
            #expect((read["aud"] as? [Any])?.isEmpty ?? (read["aud"] is NSNull? || read["aud"] == nil), "\(claims)")
        }
        #expect(accepted > 100)
    }

    @Test func `whatever the header is, it does not choose how the token is checked`() {
        var random = SeededGenerator(seed: 7)
        let algorithms =
            TokenAlgorithm.allCases.map(\.rawValue) + ["none", "None", "NONE", "hs256", "HS256 ", "", "HS1"]
        let values = Self.oddValues + algorithms.map { "\"\($0)\"" }
        let names = ["alg", "kid", "crit", "typ", "jwk", "jku", "x5u", "x5c", "b64", "zip", "alg"]
        for _ in 0..<3000 {
            let members = (0..<Int.random(in: 0..<5, using: &random))
                .map { _ in
                    "\"\(names.randomElement(using: &random) ?? "")\":\(values.randomElement(using: &random) ?? "")"
                }
            let header = "{\(members.joined(separator: ","))}"
            guard user(sign(#"{"sub":"alice"}"#, header: header)) != nil else { continue }
            #expect(header.contains(#""alg":"HS256""#) && !header.contains("crit"), "\(header)")
        }
    }
}
