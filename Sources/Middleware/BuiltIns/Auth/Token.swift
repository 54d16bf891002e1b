import Crypto
import Foundation

/// A token that has been taken apart, and that nothing is known of yet.
struct Token: Sendable {
    /// Longer than any that is worth sending, since it is sent with each request.
    private static let longest = 16 << 10

    let header: TokenHeader
    private let payload: Substring
    private let text: Data
    private let signature: Data

    /// - Parameter token: What stands behind `Bearer`.
    /// - Throws: ``TokenFault`` for what is no signed token (RFC 7515, section 3.1).
    init(_ token: Substring) throws(TokenFault) {
        guard token.utf8.count <= Self.longest else { throw TokenFault("it is too long") }
        let parts = token.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, let json = Base64URL.decode(parts[0]), let signature = Base64URL.decode(parts[2]),
            !signature.isEmpty
        else { throw TokenFault("it has not three parts in base64url") }
        guard let header = try? JSONDecoder().decode(TokenHeader.self, from: json) else {
            throw TokenFault("its header is no JSON with an alg")
        }
        guard !header.isCritical else { throw TokenFault("it needs an extension (crit) that is not known") }
        self.header = header
        self.signature = signature
        payload = parts[1]
        text = Data(token.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
    }

    /// The claims, once the signature has been found right.
    ///
    /// - Parameter keys: Those that the token may mean.
    /// - Returns: The claims, whose times nobody has looked at yet.
    /// - Throws: ``TokenFault``.
    func claims(provenBy keys: [TokenKey]) throws(TokenFault) -> TokenClaims {
        guard keys.contains(where: { $0.hasSigned(text, signature) }) else {
            throw TokenFault("its signature is wrong")
        }
        guard let payload = Base64URL.decode(payload) else { throw TokenFault("its claims are not in base64url") }
        do {
            return try JSONDecoder().decode(TokenClaims.self, from: payload)
        } catch {
            throw TokenFault("its claims are not as they should be: \(error)")
        }
    }

    /// Signs claims with a secret.
    static func make(_ claims: some Encodable, secret: String, _ algorithm: TokenAlgorithm) throws -> String {
        _ = try TokenKey(secret: secret, algorithm)
        let header = Base64URL.encode(Data(#"{"alg":"\#(algorithm.rawValue)","typ":"JWT"}"#.utf8))
        let text = "\(header).\(Base64URL.encode(try JSONEncoder().encode(claims)))"
        let key = SymmetricKey(data: Array(secret.utf8))
        let bytes = Array(text.utf8)
        let signature =
            switch algorithm {
            case .hs512: Data(HMAC<SHA512>.authenticationCode(for: bytes, using: key))
            case .hs384: Data(HMAC<SHA384>.authenticationCode(for: bytes, using: key))
            default: Data(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
            }
        return "\(text).\(Base64URL.encode(signature))"
    }
}
