/// The header of a token (RFC 7515, section 4): as much of it as counts.
struct TokenHeader: Decodable {
    let algorithm: String
    let keyID: String?
    /// Whether it needs an extension: nobody here knows any, so the token is refused (section 4.1.11).
    let isCritical: Bool

    private enum CodingKeys: String, CodingKey {
        case algorithm = "alg"
        case keyID = "kid"
        case critical = "crit"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        algorithm = try container.decode(String.self, forKey: .algorithm)
        keyID = try container.decodeIfPresent(String.self, forKey: .keyID)
        isCritical = container.contains(.critical)
    }
}
