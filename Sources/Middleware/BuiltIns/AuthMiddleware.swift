public import ContextPool
import Crypto
public import EventServer
import HTTPTypes
import JWTKit

/// `auth`: finds out who sent a request, by a signed token or an API key, and refuses who must not go on.
///
/// A token comes as `Authorization: Bearer TOKEN`, signed with HS256; an API key in a header field of its own. The user lands
/// in `g.user`. Wrong credentials are refused with 401 also where none are required: whoever sends some wants to be known.
public struct AuthMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "auth"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// Whether requests without credentials are refused.
        public var required: Bool
        /// Paths that nobody needs credentials for; one that ends with `*` stands for all that begin so.
        public var exempt: [String]
        /// The key that tokens are signed with: at least 32 bytes.
        ///
        /// Without it no token is accepted.
        public var secret: Secret?
        /// API keys by the name of their owner.
        public var apiKeys: [String: Secret]
        /// The header field of the API key.
        public var apiKeyHeader: String

        private enum CodingKeys: CodingKey {
            case required, exempt, secret, apiKeys, apiKeyHeader
        }

        /// Decodes the options, with defaults for what is left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            required = try container.decodeIfPresent(Bool.self, forKey: .required) ?? true
            exempt = try container.decodeIfPresent([String].self, forKey: .exempt) ?? []
            secret = try container.decodeIfPresent(Secret.self, forKey: .secret)
            apiKeys = try container.decodeIfPresent([String: Secret].self, forKey: .apiKeys) ?? [:]
            apiKeyHeader = try container.decodeIfPresent(String.self, forKey: .apiKeyHeader) ?? "x-api-key"
        }
    }

    private let isRequired: Bool
    private let exempt: PathRules
    private let apiKeyHeader: HTTPField.Name
    private let apiKeys: [(owner: String, digest: SHA256Digest)]
    /// A task, because the collection is an actor and can only be filled by awaiting.
    private let tokenKeys: Task<JWTKeyCollection, Never>?

    /// Finds what is wrong with the options.
    ///
    /// - Parameter options: The options.
    /// - Returns: A short secret or key, one key of two owners, an exempt path that is none, a header field that is none, or
    ///   options by which nobody could ever get in.
    public static func validate(_ options: Options) -> [OptionsError] {
        var mistakes: [OptionsError] = []
        if HTTPField.Name(options.apiKeyHeader) == nil {
            let message = "\"\(options.apiKeyHeader)\" is not the name of a header field."
            mistakes.append(OptionsError(key: "apiKeyHeader", message))
        }
        mistakes += PathRules.mistakes(in: options.exempt, key: "exempt")
        if options.secret == nil, options.apiKeys.isEmpty {
            let message = "Neither secret nor apiKeys is set, so nobody could sign in: set one, or take auth out."
            mistakes.append(OptionsError(message))
        }
        // RFC 7518, section 3.2: a key of the hash's size or larger.
        if let secret = options.secret, secret.text.utf8.count < 32 {
            mistakes.append(tooShort)
        }
        for (owner, key) in options.apiKeys.sorted(by: { $0.key < $1.key }) {
            if key.text.utf8.count < 16 {
                let message = "The API key of \"\(owner)\" is shorter than 16 characters."
                mistakes.append(OptionsError(key: "apiKeys.\(owner)", message))
            }
            guard let other = options.apiKeys.filter({ $0.value == key && $0.key < owner }).keys.min() else { continue }
            let message = "\"\(other)\" and \"\(owner)\" have the same API key."
            mistakes.append(OptionsError(key: "apiKeys.\(owner)", message))
        }
        return mistakes
    }

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for what ``validate(_:)`` finds.
    public init(options: Options) throws {
        if let mistake = Self.validate(options).first { throw mistake }
        guard let header = HTTPField.Name(options.apiKeyHeader) else {
            throw OptionsError(key: "apiKeyHeader", "It is not the name of a header field.")
        }
        isRequired = options.required
        exempt = try PathRules(options.exempt, key: "exempt")
        apiKeyHeader = header
        apiKeys = options.apiKeys.sorted { $0.key < $1.key }
            .map { ($0.key, SHA256.hash(data: Array($0.value.text.utf8))) }
        tokenKeys = try options.secret.map { try Self.makeKeys(secret: $0.text) }
    }

    /// Signs a token, as `baton token` hands it out.
    ///
    /// - Parameters:
    ///   - user: The user's name, which becomes `sub`.
    ///   - secret: The secret of the options.
    ///   - lifetime: How long the token is valid.
    /// - Returns: The token.
    /// - Throws: ``OptionsError`` where the secret is too short.
    public static func makeToken(
        for user: String,
        secret: String,
        lifetime: Duration = .seconds(3600)
    ) async throws -> String {
        try await makeKeys(secret: secret).value.sign(TokenClaims(user: user, lifetime: lifetime))
    }

    /// Finds the user, and goes on or refuses.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest.
    /// - Throws: ``HTTPError`` with 401 and `WWW-Authenticate`, or the error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        if let user = try await authenticate(request) {
            context.updateValues { $0.user = user }
        } else if isRequired, !exempt.contains(request.path) {
            throw Self.unauthorized("Sign in with a bearer token or an API key.", challenge: "")
        }
        return try await next(request, in: context)
    }

    private func authenticate(_ request: Request) async throws(HTTPError) -> AuthenticatedUser? {
        if let key = request.header(apiKeyHeader) {
            guard let owner = owner(of: key) else {
                throw Self.unauthorized("The API key is not known.", challenge: ", error=\"invalid_token\"")
            }
            return AuthenticatedUser(id: owner, method: .apiKey)
        }
        guard let authorization = request.header(.authorization) else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", let tokenKeys else {
            throw Self.unauthorized("Only bearer tokens are accepted here.", challenge: "")
        }
        do {
            let claims = try await tokenKeys.value.verify(String(parts[1]), as: TokenClaims.self)
            return AuthenticatedUser(id: claims.subject.value, method: .token, claims: claims.texts)
        } catch {
            // Which part of it is wrong helps an attacker more than a client.
            throw Self.unauthorized("The token is not valid or has expired.", challenge: ", error=\"invalid_token\"")
        }
    }

    /// Compares digests, all of them and in constant time: neither the length nor the place of the first difference shows.
    private func owner(of key: String) -> String? {
        let digest = SHA256.hash(data: Array(key.utf8))
        return apiKeys.reduce(nil) { found, entry in entry.digest == digest ? entry.owner : found }
    }

    private static func makeKeys(secret: String) throws(OptionsError) -> Task<JWTKeyCollection, Never> {
        guard secret.utf8.count >= 32 else { throw tooShort }
        return Task {
            let key = HMACKey(from: Array(secret.utf8))
            return await JWTKeyCollection().add(hmac: key, digestAlgorithm: .sha256, parser: TokenParser())
        }
    }

    private static var tooShort: OptionsError {
        OptionsError(key: "secret", "The secret is shorter than 32 bytes, and so could be guessed.")
    }

    private static func unauthorized(_ message: String, challenge: String) -> HTTPError {
        HTTPError(.unauthorized, message, headers: [.wwwAuthenticate: "Bearer realm=\"baton\"\(challenge)"])
    }
}
