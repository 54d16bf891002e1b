/// The claims of a token (RFC 7519): who, for whom, until when, and whatever else is said.
struct TokenClaims: Decodable {
    let subject: String
    let issuer: String?
    let audience: [String]
    /// Seconds since 1970.
    let expiration: Double?
    let notBefore: Double?
    /// All claims that are text, numbers or truth values, as text.
    let texts: [String: String]
    /// All claims that are a text or a list of texts: scopes and roles come as either.
    private let lists: [String: [String]]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        subject = try container.decode(String.self, forKey: "sub")
        issuer = try container.decodeIfPresent(String.self, forKey: "iss")
        if let one = try? container.decodeIfPresent(String.self, forKey: "aud") {
            audience = [one]
        } else {
            audience = try container.decodeIfPresent([String].self, forKey: "aud") ?? []
        }
        expiration = try container.decodeIfPresent(Double.self, forKey: "exp")
        notBefore = try container.decodeIfPresent(Double.self, forKey: "nbf")
        var texts: [String: String] = [:]
        var lists: [String: [String]] = [:]
        for key in container.allKeys {
            texts[key.stringValue] = Self.text(of: key, in: container)
            lists[key.stringValue] = try? container.decode([String].self, forKey: key)
        }
        self.texts = texts
        self.lists = lists
    }

    /// The words of a claim: a text with blanks between them, as `scope` is (RFC 8693, section 4.2), or a list.
    func words(of claim: String) -> Set<String> {
        Set(lists[claim] ?? texts[claim]?.split(separator: " ").map(String.init) ?? [])
    }

    private static func text(of key: Name, in container: KeyedDecodingContainer<Name>) -> String? {
        if let text = try? container.decode(String.self, forKey: key) { return text }
        if let truth = try? container.decode(Bool.self, forKey: key) { return "\(truth)" }
        if let number = try? container.decode(Int64.self, forKey: key) { return "\(number)" }
        if let number = try? container.decode(Double.self, forKey: key) { return "\(number)" }
        return nil
    }

    private struct Name: CodingKey, ExpressibleByStringLiteral {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init(stringLiteral value: String) { stringValue = value }
        init?(intValue: Int) { nil }
    }
}
