import Foundation
import JWTKit

/// The claims of a token (RFC 7519): who, until when, and whatever else is said.
struct TokenClaims: JWTPayload {
    var subject: SubjectClaim
    var expiration: ExpirationClaim?
    var notBefore: NotBeforeClaim?
    /// All claims that are text, numbers or truth values, as text.
    var texts: [String: String]

    init(user: String, lifetime: Duration) {
        subject = SubjectClaim(value: user)
        expiration = ExpirationClaim(value: Date(timeIntervalSinceNow: Double(lifetime.components.seconds)))
        texts = [:]
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        subject = try container.decode(SubjectClaim.self, forKey: "sub")
        expiration = try container.decodeIfPresent(ExpirationClaim.self, forKey: "exp")
        notBefore = try container.decodeIfPresent(NotBeforeClaim.self, forKey: "nbf")
        texts = [:]
        for key in container.allKeys { texts[key.stringValue] = Self.text(of: key, in: container) }
    }

    private static func text(of key: Name, in container: KeyedDecodingContainer<Name>) -> String? {
        if let text = try? container.decode(String.self, forKey: key) { return text }
        if let truth = try? container.decode(Bool.self, forKey: key) { return "\(truth)" }
        if let number = try? container.decode(Int64.self, forKey: key) { return "\(number)" }
        if let number = try? container.decode(Double.self, forKey: key) { return "\(number)" }
        return nil
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        try container.encode(subject, forKey: "sub")
        try container.encodeIfPresent(expiration, forKey: "exp")
    }

    func verify(using algorithm: some JWTAlgorithm) throws {
        guard !subject.value.isEmpty else {
            throw JWTError.claimVerificationFailure(failedClaim: subject, reason: "nobody is called nothing")
        }
        try expiration?.verifyNotExpired()
        try notBefore?.verifyNotBefore()
    }

    private struct Name: CodingKey, ExpressibleByStringLiteral {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init(stringLiteral value: String) { stringValue = value }
        init?(intValue: Int) { nil }
    }
}
