/// What a token can be signed with (RFC 7518, section 3.1; RFC 8037); `none` is no such thing here.
public enum TokenAlgorithm: String, Decodable, Sendable, CaseIterable {
    /// HMAC: who can check a token can also make one.
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    /// RSA with the padding of PKCS #1.
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    /// RSA with the padding PSS.
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    /// ECDSA on the curves P-256, P-384 and P-521.
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    /// Ed25519.
    case edDSA = "EdDSA"

    /// How long the secret of an HMAC must be, in bytes (RFC 7518, section 3.2); `nil` for what has no secret.
    var secretSize: Int? {
        switch self {
        case .hs256: 32
        case .hs384: 48
        case .hs512: 64
        default: nil
        }
    }

    var isRSA: Bool {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: true
        default: false
        }
    }
}
