import Crypto
import Foundation
import JWTKit

/// A key that signatures of tokens are checked with, by one algorithm only (RFC 8725, section 3.1).
///
/// So a token cannot choose how it is checked: not by `none`, and not by taking a public key for the secret of an HMAC.
struct TokenKey: Sendable {
    /// The `kid` that a token must name, where it names one; `nil` for a key that all tokens may mean.
    let id: String?
    let algorithm: TokenAlgorithm
    /// Whether a check takes more than a fraction of a millisecond, and so belongs on the pool.
    let takesLong: Bool
    private let check: @Sendable (_ signature: Data, _ text: Data) -> Bool

    private init(id: String?, _ algorithm: TokenAlgorithm, by verifier: any JWTAlgorithm, takesLong: Bool) {
        self.id = id
        self.algorithm = algorithm
        self.takesLong = takesLong
        // A signature of a wrong length is an error for some algorithms, and for us no more than a wrong one.
        check = { signature, text in (try? verifier.verify(signature, signs: text)) ?? false }
    }

    /// - Parameters:
    ///   - secret: The secret of an HMAC.
    ///   - algorithm: One of the three HMACs.
    /// - Throws: ``TokenFault`` for another algorithm, and for a secret that is too short for it.
    init(secret: String, _ algorithm: TokenAlgorithm) throws(TokenFault) {
        guard let size = algorithm.secretSize else {
            throw TokenFault("\(algorithm.rawValue) has no secret, but a public key: set keyFile or jwksFile")
        }
        guard secret.utf8.count >= size else {
            throw TokenFault("the secret is shorter than \(size) bytes, and so could be guessed")
        }
        id = nil
        self.algorithm = algorithm
        takesLong = false
        let key = SymmetricKey(data: Array(secret.utf8))
        check = { signature, text in
            switch algorithm {
            case .hs512: HMAC<SHA512>.isValidAuthenticationCode(signature, authenticating: text, using: key)
            case .hs384: HMAC<SHA384>.isValidAuthenticationCode(signature, authenticating: text, using: key)
            default: HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: text, using: key)
            }
        }
    }

    /// Whether a signature is that of a text; in constant time where there is a secret.
    func hasSigned(_ text: Data, _ signature: Data) -> Bool { check(signature, text) }

    /// Whether a token may mean this key.
    func isMeant(by header: TokenHeader) -> Bool {
        guard header.algorithm == algorithm.rawValue else { return false }
        guard let id, let wanted = header.keyID else { return true }
        return id == wanted
    }
}

extension TokenKey {
    /// - Parameters:
    ///   - pem: A public key or a certificate.
    ///   - wanted: What tokens are signed with; left out, RS256 or what the curve says.
    /// - Throws: ``TokenFault``.
    init(pem: String, _ wanted: TokenAlgorithm?) async throws {
        if pem.contains("PRIVATE KEY-----") {
            throw TokenFault(
                "it has a private key, which nobody here needs: `openssl pkey -pubout` writes the public one"
            )
        }
        let isCertificate = pem.contains("-----BEGIN CERTIFICATE-----")
        func ec<Curve>(_ type: ECDSA.PublicKey<Curve>.Type) -> ECDSA.PublicKey<Curve>? {
            isCertificate ? try? type.init(certificate: pem) : try? type.init(pem: pem)
        }
        let keys = JWTKeyCollection()
        let algorithm: TokenAlgorithm
        if let key = ec(ES256PublicKey.self) {
            algorithm = .es256
            await keys.add(ecdsa: key)
        } else if let key = ec(ES384PublicKey.self) {
            algorithm = .es384
            await keys.add(ecdsa: key)
        } else if let key = ec(ES512PublicKey.self) {
            algorithm = .es512
            await keys.add(ecdsa: key)
        } else if let key = try? EdDSA.PublicKey(pem: pem) {
            algorithm = .edDSA
            await keys.add(eddsa: key)
        } else {
            let key: JWTKit.Insecure.RSA.PublicKey
            do {
                key = isCertificate ? try .init(certificatePEM: pem) : try .init(pem: pem)
            } catch {
                throw TokenFault(
                    "it has no public key (RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519) in PEM"
                )
            }
            try await self.init(rsa: key, wanted)
            return
        }
        if let wanted, wanted != algorithm {
            throw TokenFault("its key is one for \(algorithm.rawValue), not for \(wanted.rawValue)")
        }
        self.init(id: nil, algorithm, by: try await keys.getKey(), takesLong: algorithm.takesLong)
    }

    private init(rsa key: JWTKit.Insecure.RSA.PublicKey, _ wanted: TokenAlgorithm?) async throws {
        let algorithm = wanted ?? .rs256
        let keys = JWTKeyCollection()
        switch algorithm {
        case .rs256: await keys.add(rsa: key, digestAlgorithm: .sha256)
        case .rs384: await keys.add(rsa: key, digestAlgorithm: .sha384)
        case .rs512: await keys.add(rsa: key, digestAlgorithm: .sha512)
        case .ps256: await keys.add(pss: key, digestAlgorithm: .sha256)
        case .ps384: await keys.add(pss: key, digestAlgorithm: .sha384)
        case .ps512: await keys.add(pss: key, digestAlgorithm: .sha512)
        default: throw TokenFault("its key is one for RSA, not for \(algorithm.rawValue)")
        }
        let bytes = try key.getKeyPrimitives().modulus.count
        self.init(id: nil, algorithm, by: try await keys.getKey(), takesLong: bytes > 512)
    }

    /// - Parameters:
    ///   - jwk: A key of a set. What it has of a private key is not used.
    ///   - wanted: What tokens are signed with, where the key itself does not say so and it fits the key.
    /// - Throws: ``TokenFault``, or what the key is refused for.
    init(jwk: JWK, _ wanted: TokenAlgorithm?) async throws {
        var jwk = jwk
        jwk.privateExponent = nil
        let algorithm = try Self.algorithm(of: jwk, wanted)
        jwk.algorithm = JWK.Algorithm(rawValue: algorithm.rawValue)
        let id = jwk.keyIdentifier?.string
        // A set may have keys without a name; the collection, which serves to make this one key, may not.
        jwk.keyIdentifier = JWKIdentifier(string: id ?? "")
        let keys = try await JWTKeyCollection().add(jwk: jwk)
        let verifier = try await keys.getKey()
        guard verifier.name == algorithm.rawValue else { throw TokenFault("the key does not fit its algorithm") }
        // Six bits a character.
        let isLong = algorithm.isRSA && (jwk.modulus?.utf8.count ?? 0) > 4096 / 6 + 2
        self.init(id: id, algorithm, by: verifier, takesLong: isLong || algorithm.takesLong)
    }

    private static func algorithm(of jwk: JWK, _ wanted: TokenAlgorithm?) throws(TokenFault) -> TokenAlgorithm {
        let fitting: [TokenAlgorithm] =
            switch (jwk.keyType, jwk.curve?.rawValue) {
            case (.rsa, _): [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512]
            case (.ecdsa, "P-256"): [.es256]
            case (.ecdsa, "P-384"): [.es384]
            case (.ecdsa, "P-521"): [.es512]
            case (.octetKeyPair, "Ed25519"): [.edDSA]
            default: []
            }
        if let own = jwk.algorithm?.rawValue {
            guard let algorithm = fitting.first(where: { $0.rawValue == own }) else {
                throw TokenFault("the key does not fit its algorithm")
            }
            return algorithm
        }
        guard let usual = fitting.first else { throw TokenFault("the key is of a kind that signs no tokens") }
        return wanted.flatMap { fitting.contains($0) ? $0 : nil } ?? usual
    }
}

extension TokenAlgorithm {
    fileprivate var takesLong: Bool { self == .es384 || self == .es512 }
}
