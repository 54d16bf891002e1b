import Foundation
import JWTKit

/// A set of keys (RFC 7517, section 5), of which those that Baton cannot use are left out.
struct KeySet: Decodable {
    private struct Entry: Decodable {
        var jwk: JWK?

        private enum CodingKeys: String, CodingKey {
            case use
            case operations = "key_ops"
        }

        init(from decoder: any Decoder) throws {
            // Of an unknown kind, or for something else: the section asks to ignore it.
            guard (try? Self.isForSignatures(decoder)) == true else { return }
            jwk = try? JWK(from: decoder)
        }

        /// What the key says it is for (sections 4.2 and 4.3): where it says nothing, for everything.
        private static func isForSignatures(_ decoder: any Decoder) throws -> Bool {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let use = try container.decodeIfPresent(String.self, forKey: .use) ?? "sig"
            let operations = try container.decodeIfPresent([String].self, forKey: .operations) ?? ["verify"]
            return use == "sig" && operations.contains("verify")
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
        for entry in set.keys {
            guard let jwk = entry.jwk, let key = try? await TokenKey(jwk: jwk, wanted) else { continue }
            keys.append(key)
        }
        guard !keys.isEmpty else {
            throw TokenFault("none of its \(set.keys.count) keys (RSA, EC or OKP, for signatures) could be used")
        }
        return keys
    }
}
