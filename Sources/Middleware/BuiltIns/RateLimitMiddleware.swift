public import ContextPool
public import EventServer
import HTTPTypes

/// `rate-limit`: how often an address, a user or a key may come; beyond it the client gets 429.
///
/// The answer says how much is left, in `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers), and a
/// refusal when to come again, in `Retry-After`. Each process counts for itself.
public struct RateLimitMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "rate-limit"

    /// Who is counted.
    public enum Subject: String, Decodable, Sendable, CaseIterable {
        /// The address of the client; of IPv6, its /64 network.
        case address
        /// The user whom `auth` has found, which stands before it in the chain; the address where there is none.
        case user
        /// What a field of the request says; the address where it is missing.
        case header
    }

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// How many requests are allowed in each ``per``.
        public var requests: Int
        /// The time in which they are.
        public var per: Duration
        /// How many may come at once; as many as ``requests`` where it is left out.
        public var burst: Int
        /// Who is counted.
        public var by: Subject
        /// The field that says so, where ``by`` is `header`.
        public var header: String?
        /// Paths that are not counted; one that ends with `*` stands for all that begin so.
        public var exempt: [String]

        private enum CodingKeys: CodingKey {
            case requests, per, burst, by, header, exempt
        }

        /// Decodes the options, with defaults for what may be left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws, also where `requests` or `per` is missing.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            requests = try container.decode(Int.self, forKey: .requests, in: 1...1_000_000)
            per = try container.decode(Duration.self, forKey: .per)
            burst = try container.decodeIfPresent(Int.self, forKey: .burst, in: 1...1_000_000) ?? requests
            by = try container.decode(Subject.self, forKey: .by, default: .address)
            header = try container.decodeIfPresent(String.self, forKey: .header)
            exempt = try container.decode([String].self, forKey: .exempt, default: [])
        }
    }

    private enum Client: Hashable, Sendable {
        case network(ClientNetwork?)
        case named(String)
    }

    private static let fieldLimit = 256
    private static let limitName = HTTPField.Name("RateLimit")
    private static let policyName = HTTPField.Name("RateLimit-Policy")

    private let limit: RateLimit<Client>
    private let subject: Subject
    private let header: HTTPField.Name?
    private let exempt: PathRules
    private let policy: String

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for numbers that allow nothing, and for a header that is missing or none.
    public init(options: Options) throws {
        let start = ContinuousClock.now
        try self.init(options: options) { ContinuousClock.now - start }
    }

    init(options: Options, now: @escaping @Sendable () -> Duration) throws {
        for (key, number) in [("requests", options.requests), ("burst", options.burst)]
        where !(1...1_000_000).contains(number) {
            throw OptionsError(key: key, "It must be a number from 1 to 1000000.")
        }
        guard options.by == .header || options.header == nil else {
            throw OptionsError(key: "header", "It counts only with \"by: header\".")
        }
        header = options.header.flatMap { HTTPField.Name($0) }
        guard options.by != .header || header != nil else {
            throw OptionsError(key: "header", "\"by: header\" needs the name of a header field here.")
        }
        subject = options.by
        exempt = try PathRules(options.exempt, key: "exempt")
        limit = RateLimit(burst: options.burst, interval: options.per / options.requests, now: now)
        let seconds = max(1, options.per.components.seconds)
        policy = "\"default\";q=\(options.requests);w=\(seconds)"
    }

    /// Where it counts users, it stands behind `auth`.
    public var chainRules: [ChainRule] {
        subject == .user ? [.after("auth", because: "it counts the requests of each user")] : []
    }

    /// Refuses the request, or goes on.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest.
    /// - Throws: ``HTTPError`` with 429, or the error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        guard !exempt.contains(request.path) else { return try await next(request, in: context) }
        let verdict = limit.admit(client(of: request, context))
        context.onResponse { [policy] response in
            guard let limitName = Self.limitName, let policyName = Self.policyName else { return }
            response.headers[policyName] = policy
            response.headers[limitName] = "\"default\";r=\(verdict.remaining);t=\(verdict.reset.wholeSeconds)"
        }
        guard verdict.isAllowed else {
            throw HTTPError(
                .tooManyRequests,
                "That was too often. Try again in \(verdict.retryAfter.wholeSeconds) s.",
                headers: [.retryAfter: "\(verdict.retryAfter.wholeSeconds)"]
            )
        }
        return try await next(request, in: context)
    }

    private func client(of request: Request, _ context: RequestContext) -> Client {
        switch subject {
        case .address: break
        case .user: if let user = context.g.user { return .named(user.id) }
        case .header:
            // What is longer is no key that anybody was given, and would only fill the memory.
            if let header, let text = request.header(header), text.utf8.count <= Self.fieldLimit { return .named(text) }
        }
        return .network(ClientNetwork(request.clientAddress))
    }
}

extension Duration {
    /// In whole seconds, rounded up: who waits so long has waited long enough.
    fileprivate var wholeSeconds: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}
