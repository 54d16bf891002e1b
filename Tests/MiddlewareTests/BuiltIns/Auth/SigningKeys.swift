import Crypto
import CryptoExtras
import Foundation
import JWTKit
import Middleware

/// A pair of keys of each kind, and tokens that somebody else has signed with them.
enum SigningKeys {
    static let rsa = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }
    static let p256 = P256.Signing.PrivateKey()
    static let p384 = P384.Signing.PrivateKey()
    static let p521 = P521.Signing.PrivateKey()
    static let ed25519 = Curve25519.Signing.PrivateKey()

    struct Claims: JWTPayload {
        var sub: String? = "alice"
        var iss: String?
        var aud: [String]?
        var exp: Double?
        var nbf: Double?
        var scope: String?
        var roles: [String]?

        func verify(using algorithm: some JWTAlgorithm) {}
    }

    /// The public key that goes with an algorithm, in PEM.
    static func pem(_ algorithm: TokenAlgorithm) throws -> String {
        switch algorithm {
        case .es256: p256.publicKey.pemRepresentation
        case .es384: p384.publicKey.pemRepresentation
        case .es512: p521.publicKey.pemRepresentation
        case .edDSA: ed25519.publicKey.pemRepresentation
        default: try rsa.get().publicKey.pemRepresentation
        }
    }

    /// The public key as an entry of a set.
    static func jwk(_ algorithm: TokenAlgorithm, kid: String?, alg: String? = nil) throws -> String {
        func ec(_ curve: String, _ raw: Data) -> String {
            let half = raw.count / 2
            return #""kty":"EC","crv":"\#(curve)","x":"\#(url(raw.prefix(half)))","y":"\#(url(raw.suffix(half)))""#
        }
        let key: String
        switch algorithm {
        case .es256: key = ec("P-256", p256.publicKey.rawRepresentation)
        case .es384: key = ec("P-384", p384.publicKey.rawRepresentation)
        case .es512: key = ec("P-521", p521.publicKey.rawRepresentation)
        case .edDSA: key = #""kty":"OKP","crv":"Ed25519","x":"\#(url(ed25519.publicKey.rawRepresentation))""#
        default:
            let parts = try rsa.get().publicKey.getKeyPrimitives()
            key = #""kty":"RSA","n":"\#(url(parts.modulus))","e":"\#(url(parts.publicExponent))""#
        }
        return "{\(key)\(kid.map { #","kid":"\#($0)""# } ?? "")\(alg.map { #","alg":"\#($0)""# } ?? "")}"
    }

    static func url(_ data: some DataProtocol) -> String {
        Data(data).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func sign(
        _ algorithm: TokenAlgorithm,
        secret: String = AuthMiddlewareTests.secret,
        kid: String? = nil
    ) async throws -> String { try await sign(Claims(), algorithm, secret: secret, kid: kid) }

    static func sign(
        _ claims: Claims,
        _ algorithm: TokenAlgorithm,
        secret: String = AuthMiddlewareTests.secret,
        kid: String? = nil
    ) async throws -> String {
        let keys = JWTKeyCollection()
        let rsa = try JWTKit.Insecure.RSA.PrivateKey(backing: rsa.get())
        switch algorithm {
        case .hs256: await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        case .hs384: await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha384)
        case .hs512: await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha512)
        case .rs256: await keys.add(rsa: rsa, digestAlgorithm: .sha256)
        case .rs384: await keys.add(rsa: rsa, digestAlgorithm: .sha384)
        case .rs512: await keys.add(rsa: rsa, digestAlgorithm: .sha512)
        case .ps256: await keys.add(pss: rsa, digestAlgorithm: .sha256)
        case .ps384: await keys.add(pss: rsa, digestAlgorithm: .sha384)
        case .ps512: await keys.add(pss: rsa, digestAlgorithm: .sha512)
        case .es256: await keys.add(ecdsa: try ES256PrivateKey(pem: p256.pemRepresentation))
        case .es384: await keys.add(ecdsa: try ES384PrivateKey(pem: p384.pemRepresentation))
        case .es512: await keys.add(ecdsa: try ES512PrivateKey(pem: p521.pemRepresentation))
        case .edDSA: await keys.add(eddsa: EdDSA.PrivateKey(backing: ed25519))
        }
        return try await keys.sign(claims, header: kid.map { ["kid": .string($0)] } ?? [:])
    }
}
