import HTTPTypes

extension AuthMiddleware {
    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// Whether requests without credentials are refused.
        public var required: Bool
        /// Paths that nobody needs credentials for; one that ends with `*` stands for all that begin so.
        public var exempt: [String]
        /// What clients are told that they sign in to.
        public var realm: String
        /// The secret that tokens are signed with: at least 32 bytes, 48 for HS384, 64 for HS512.
        public var secret: Secret?
        /// A public key or a certificate in PEM that tokens are checked with.
        public var keyFile: ConfigPath?
        /// A set of keys (RFC 7517) that tokens are checked with.
        public var jwksFile: ConfigPath?
        /// What tokens are signed with, where the key does not say so; else HS256, RS256, or what the curve says.
        public var algorithm: TokenAlgorithm?
        /// Who must have made a token (`iss`).
        public var issuer: String?
        /// Whom a token must be meant for (`aud`); without it, tokens that are meant for somebody are refused.
        public var audience: String?
        /// How far the clock of who makes tokens may differ from ours.
        public var leeway: Duration
        /// The claim with the scopes.
        public var scopesClaim: String
        /// The claim with the roles.
        public var rolesClaim: String
        /// The hash of each user's password: bcrypt or sha512.
        public var users: [String: Secret]
        /// The hash of each owner's API key: `sha256:` and 64 hexadecimal figures.
        public var apiKeys: [String: Secret]
        /// The header field of the API key.
        public var apiKeyHeader: String
        /// The scopes of users and of owners of API keys; tokens bring their own.
        public var scopes: [String: [String]]
        /// The roles of users and of owners of API keys; tokens bring their own.
        public var roles: [String: [String]]

        private enum CodingKeys: CodingKey {
            case required, exempt, realm, secret, keyFile, jwksFile, algorithm, issuer, audience, leeway, scopesClaim,
                rolesClaim, users, apiKeys, apiKeyHeader, scopes, roles
        }

        /// Decodes the options, with defaults for what is left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            required = try container.decode(Bool.self, forKey: .required, default: true)
            exempt = try container.decode([String].self, forKey: .exempt, default: [])
            realm = try container.decode(String.self, forKey: .realm, default: "baton")
            secret = try container.decodeIfPresent(Secret.self, forKey: .secret)
            keyFile = try container.decodeIfPresent(ConfigPath.self, forKey: .keyFile)
            jwksFile = try container.decodeIfPresent(ConfigPath.self, forKey: .jwksFile)
            algorithm = try container.decodeIfPresent(TokenAlgorithm.self, forKey: .algorithm)
            issuer = try container.decodeIfPresent(String.self, forKey: .issuer)
            audience = try container.decodeIfPresent(String.self, forKey: .audience)
            leeway = try container.decode(Duration.self, forKey: .leeway, default: .zero)
            scopesClaim = try container.decode(String.self, forKey: .scopesClaim, default: "scope")
            rolesClaim = try container.decode(String.self, forKey: .rolesClaim, default: "roles")
            users = try container.decode([String: Secret].self, forKey: .users, default: [:])
            apiKeys = try container.decode([String: Secret].self, forKey: .apiKeys, default: [:])
            apiKeyHeader = try container.decode(String.self, forKey: .apiKeyHeader, default: "x-api-key")
            scopes = try container.decode([String: [String]].self, forKey: .scopes, default: [:])
            roles = try container.decode([String: [String]].self, forKey: .roles, default: [:])
        }

        var acceptsTokens: Bool { secret != nil || keyFile != nil || jwksFile != nil }
    }

    /// Finds what is wrong with the options.
    ///
    /// - Parameter options: The options.
    /// - Returns: A secret that is short or does not go with the algorithm, an API key that stands there as it is or has two
    ///   owners, a hash that is none, scopes of nobody, an exempt path that is none, a header field that is none, or options by
    ///   which nobody could ever get in.
    public static func validate(_ options: Options) -> [OptionsError] {
        var mistakes = PathRules.mistakes(in: options.exempt, key: "exempt")
        if HTTPField.Name(options.apiKeyHeader) == nil {
            let message = "\"\(options.apiKeyHeader)\" is not the name of a header field."
            mistakes.append(OptionsError(key: "apiKeyHeader", message))
        }
        let isQuotable = options.realm.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
        if !isQuotable {
            mistakes.append(OptionsError(key: "realm", "It must be ASCII without quotes and backslashes."))
        }
        if !options.acceptsTokens, options.apiKeys.isEmpty, options.users.isEmpty {
            let message = """
                Neither secret nor apiKeys is set, nor keyFile, jwksFile or users, so nobody could sign in: set one, or take \
                auth out.
                """
            mistakes.append(OptionsError(message))
        }
        do throws(TokenFault) {
            _ = try options.secret.map { secret throws(TokenFault) in
                try TokenKey(secret: secret.text, options.algorithm ?? .hs256)
            }
        } catch {
            mistakes.append(OptionsError(key: "secret", error.sentence))
        }
        return mistakes + keyMistakes(options) + userMistakes(options)
    }

    private static func keyMistakes(_ options: Options) -> [OptionsError] {
        options.apiKeys.sorted { $0.key < $1.key }
            .compactMap { owner, key in
                let path = "apiKeys.\(owner)"
                guard let digest = APIKeyTable.digest(key.text) else {
                    let message = """
                        The API key of "\(owner)" must not stand here itself, but its hash: "sha256:" and what \
                        `printf %s KEY | sha256sum` prints. A key should be as random as `openssl rand -hex 16` makes it.
                        """
                    return OptionsError(key: path, message)
                }
                let other = options.apiKeys.filter { $0.key < owner && APIKeyTable.digest($0.value.text) == digest }
                return other.keys.min()
                    .map { OptionsError(key: path, "\"\($0)\" and \"\(owner)\" have the same API key.") }
            }
    }

    private static func userMistakes(_ options: Options) -> [OptionsError] {
        var mistakes: [OptionsError] = []
        for (name, hash) in options.users.sorted(by: { $0.key < $1.key }) {
            if name.isEmpty || name.contains(":") {
                mistakes.append(OptionsError(key: "users.\(name)", "A name must not be empty, nor have a colon in it."))
            }
            do throws(PasswordHash.Fault) {
                _ = try PasswordHash(hash.text)
            } catch {
                mistakes.append(OptionsError(key: "users.\(name)", "The hash of \"\(name)\" \(error.description)."))
            }
        }
        for (key, table) in [("scopes", options.scopes), ("roles", options.roles)] {
            for name in table.keys.sorted() where options.users[name] == nil && options.apiKeys[name] == nil {
                let message = "\"\(name)\" is neither in users nor in apiKeys; a token brings its own \(key)."
                mistakes.append(OptionsError(key: "\(key).\(name)", message))
            }
        }
        return mistakes
    }
}
