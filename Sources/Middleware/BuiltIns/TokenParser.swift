import Foundation
import JWTKit

/// Reads a token whose signature was found right.
///
/// It still refuses one that speaks of another algorithm (RFC 8725, section 3.1), or that needs an extension which nobody
/// here knows (RFC 7515, section 4.1.11).
struct TokenParser: JWTParser {
    var jsonDecoder: any JWTJSONDecoder = .defaultForJWT

    func parse<Payload: JWTPayload>(
        _ token: some DataProtocol,
        as type: Payload.Type
    ) throws -> (header: JWTHeader, payload: Payload, signature: Data) {
        let parts = try DefaultJWTParser(jsonDecoder: jsonDecoder).parse(token, as: type)
        guard parts.header.alg == "HS256", parts.header.fields["crit"] == nil else {
            throw JWTError.malformedToken(reason: "The header asks for what is not supported.")
        }
        return parts
    }
}
