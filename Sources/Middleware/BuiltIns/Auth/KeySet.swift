import Foundation
import JWTKit

/// A set of keys (RFC 7517, section 5), of which those that Baton cannot use are left out.
struct KeySet: Decodable {
    private struct Entry: Decodable {
        var jwk: JWK?
        var use: String?

        private enum CodingKeys: CodingKey { case use }

        init(from decoder: any Decoder) throws {
            // Of an unknown kind: the section asks to ignore it.
            jwk = try? JWK(from: decoder)
            use = try? decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .use)
        }
    }

    private static let limit = 100
    private let keys: [Entry]

    /// The keys of a file.
    ///
    /// - Parameters:
    ///   - data: The file.
    ///   - wanted: What tokens are signed with, where a key does not say so.
    /// - Returns: One key at least.
    /// - Throws: ``TokenFault`` where there is none that could be used.
    static func keys(in data: Data, _ wanted: TokenAlgorithm?) async throws(TokenFault) -> [TokenKey] {
        guard let set = try? JSONDecoder().decode(KeySet.self, from: data) else {
            throw TokenFault("it is no JSON with a list of \"keys\"")
        }
        // A token without a kid is held against all of them.
        guard set.keys.count <= limit else { throw TokenFault("it has more than \(limit) keys") }
        var keys: [TokenKey] = []
        for entry in set.keys where entry.use == nil || entry.use == "sig" {
            guard let jwk = entry.jwk, let key = try? await TokenKey(jwk: jwk, wanted) else { continue }
            keys.append(key)
        }
        guard !keys.isEmpty else {
            throw TokenFault("none of its \(set.keys.count) keys (RSA, EC or OKP, for signatures) could be used")
        }
        return keys
    }
}
