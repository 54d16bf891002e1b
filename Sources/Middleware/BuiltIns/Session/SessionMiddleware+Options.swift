import HTTPTypes

extension SessionMiddleware {
    /// Where sessions are kept.
    public enum Place: String, Decodable, Sendable, CaseIterable {
        /// In the cookie itself.
        case cookie
        /// On the server; the cookie has an id.
        case server
    }

    /// Whether the cookie is sent with requests that come from other sites.
    public enum SameSite: String, Decodable, Sendable, CaseIterable {
        /// Never.
        case strict
        /// Where a visitor follows a link.
        case lax
        /// Always.
        case none
    }

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// The secrets: the first one seals, all open.
        public var keys: [Secret]
        /// Where sessions are kept.
        public var store: Place
        /// The name of the cookie.
        public var cookie: String
        /// Whether the cookie is sent over https alone.
        public var secure: Bool
        /// Whether the cookie is sent with requests that come from other sites.
        public var sameSite: SameSite
        /// After how long without a request a session ends.
        public var idle: Duration
        /// After how long a session ends in any case.
        public var lifetime: Duration
        /// Whether the browser keeps the cookie when it is closed.
        public var persistent: Bool

        private enum CodingKeys: CodingKey {
            case keys, store, cookie, secure, sameSite, idle, lifetime, persistent
        }

        /// Decodes the options, with defaults for what may be left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws, also where `keys` is missing.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            keys = try container.decode([Secret].self, forKey: .keys)
            store = try container.decode(Place.self, forKey: .store, default: .cookie)
            secure = try container.decode(Bool.self, forKey: .secure, default: true)
            // The prefix (RFC 6265bis, section 4.1.3.2) keeps neighbours, such as other.example.com, from planting one.
            let usual = secure ? "__Host-session" : "session"
            cookie = try container.decode(String.self, forKey: .cookie, default: usual)
            sameSite = try container.decode(SameSite.self, forKey: .sameSite, default: .lax)
            idle = try container.decode(Duration.self, forKey: .idle, default: .seconds(1800))
            lifetime = try container.decode(Duration.self, forKey: .lifetime, default: .seconds(43_200))
            persistent = try container.decode(Bool.self, forKey: .persistent, default: false)
        }
    }

    /// Finds what is wrong with the options.
    ///
    /// - Parameter options: The options.
    /// - Returns: Keys that are missing, short or there twice, a name that no cookie can have, times that make no sense, and
    ///   attributes that browsers refuse together.
    public static func validate(_ options: Options) -> [OptionsError] {
        var mistakes: [OptionsError] = []
        if !(1...8).contains(options.keys.count) {
            let message = "It needs 1 to 8 keys of at least 32 bytes, such as `openssl rand -hex 32` makes."
            mistakes.append(OptionsError(key: "keys", message))
        }
        for (index, key) in options.keys.enumerated() {
            if key.text.utf8.count < 32 {
                let message = "The key is shorter than 32 bytes, and so could be guessed."
                mistakes.append(OptionsError(key: "keys.\(index)", message))
            } else if options.keys[..<index].contains(key) {
                mistakes.append(OptionsError(key: "keys.\(index)", "The key stands there twice."))
            }
        }
        // A cookie has the same characters in its name (RFC 6265, section 4.1.1).
        if HTTPField.Name(options.cookie) == nil || options.cookie.utf8.count > 128 {
            mistakes.append(OptionsError(key: "cookie", "\"\(options.cookie)\" is not the name of a cookie."))
        }
        let prefix = options.cookie.lowercased()
        if !options.secure, prefix.hasPrefix("__host-") || prefix.hasPrefix("__secure-") {
            mistakes.append(OptionsError(key: "cookie", "Browsers refuse such a name without \"secure: true\"."))
        }
        if !options.secure, options.sameSite == .none {
            mistakes.append(OptionsError(key: "sameSite", "Browsers refuse none without \"secure: true\"."))
        }
        // 400 days are the most that browsers keep a cookie.
        for (key, time) in [("idle", options.idle), ("lifetime", options.lifetime)]
        where time < .seconds(1) || time > .seconds(400 * 86_400) {
            mistakes.append(OptionsError(key: key, "It must be a time from 1s to 400d."))
        }
        if options.idle > options.lifetime {
            mistakes.append(OptionsError(key: "idle", "It must not be longer than lifetime."))
        }
        return mistakes
    }
}
