public import ContextPool
public import EventServer
import Foundation
import HTTPTypes
import Logging

/// `auth`: finds out who sent a request, by a signed token, a password or an API key, and refuses who must not go on.
///
/// A token comes as `Authorization: Bearer TOKEN` (RFC 6750), a password as `Authorization: Basic` (RFC 7617), an API key in a
/// header field of its own. The user lands in `g.user`, with his scopes and roles, for which there is `authorize`. Wrong
/// credentials are refused with 401 also where none are required: whoever sends some wants to be known.
public struct AuthMiddleware: MiddlewarePlugin, PreparingMiddleware {
    /// The name in `config.yml`.
    public static let name = "auth"

    private let options: Options
    private let exempt: PathRules
    private let apiKeyHeader: HTTPField.Name
    private let apiKeys: APIKeyTable
    private let passwords: PasswordTable
    private let challenges: AuthChallenges
    private let rules: TokenRules
    private let now: @Sendable () -> Duration
    private let secretKey: TokenKey?
    private var keyFiles: [KeyFile] = []

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for what ``validate(_:)`` finds.
    public init(options: Options) throws {
        let start = ContinuousClock.now
        try self.init(options: options, now: { ContinuousClock.now - start }, date: { Date.now.timeIntervalSince1970 })
    }

    init(
        options: Options,
        now: @escaping @Sendable () -> Duration,
        date: @escaping @Sendable () -> Double
    ) throws {
        if let mistake = Self.validate(options).first { throw mistake }
        guard let header = HTTPField.Name(options.apiKeyHeader) else {
            throw OptionsError(key: "apiKeyHeader", "It is not the name of a header field.")
        }
        self.options = options
        self.now = now
        exempt = try PathRules(options.exempt, key: "exempt")
        apiKeyHeader = header
        apiKeys = APIKeyTable(options.apiKeys.compactMapValues { APIKeyTable.digest($0.text) })
        passwords = PasswordTable(try options.users.mapValues { try PasswordHash($0.text) }, now: now)
        challenges = AuthChallenges(
            bearer: options.acceptsTokens,
            basic: !options.users.isEmpty,
            realm: options.realm
        )
        rules = TokenRules(
            issuer: options.issuer,
            audience: options.audience,
            leeway: options.leeway,
            scopesClaim: options.scopesClaim,
            rolesClaim: options.rolesClaim,
            now: date
        )
        secretKey = try options.secret.map { try TokenKey(secret: $0.text, options.algorithm ?? .hs256) }
    }

    /// Reads the files of keys.
    ///
    /// - Parameter setup: The logger, for what is wrong with a file later on.
    /// - Throws: ``OptionsError`` for a file that cannot be read, or has no key that could be used.
    public mutating func start(in setup: PluginSetup) async throws {
        // With a secret beside them, the algorithm may be meant for that one.
        let wanted = options.algorithm.flatMap { $0.secretSize == nil ? $0 : nil }
        if let path = options.keyFile?.path {
            let file = try await KeyFile(path, option: "keyFile", logger: setup.logger, now: now) {
                data throws(TokenFault) in
                do {
                    return [try await TokenKey(pem: String(decoding: data, as: UTF8.self), wanted)]
                } catch {
                    throw error as? TokenFault ?? TokenFault("its key could not be used: \(error)")
                }
            }
            keyFiles.append(file)
        }
        if let path = options.jwksFile?.path {
            let file = try await KeyFile(path, option: "jwksFile", logger: setup.logger, now: now) {
                data throws(TokenFault) in
                try await KeySet.keys(in: data, wanted)
            }
            keyFiles.append(file)
        }
    }

    /// Finds the user, and goes on or refuses.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest.
    /// - Throws: ``HTTPError`` with 401 and `WWW-Authenticate`; with 503 where too many passwords are being checked; what the
    ///   pool throws; or the error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        if let user = try await authenticate(request, context) {
            context.set(UserKey.self, to: user)
            noteChallenges(in: context)
        } else {
            try prepare(request, in: context)
        }
        return try await next(request, in: context)
    }

    /// Whether a request offers something that has to be checked.
    ///
    /// - Parameter request: The request.
    /// - Returns: Whether it does.
    public func needsToWait(for request: Request) -> Bool {
        request.header(.authorization) != nil || !apiKeys.isEmpty && request.header(apiKeyHeader) != nil
    }

    /// Lets a request pass that offers nothing, or refuses it.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    /// - Throws: ``HTTPError`` with 401 and `WWW-Authenticate`.
    public func prepare(_ request: Request, in context: RequestContext) throws {
        guard !options.required || exempt.contains(request.path) else {
            throw challenges.unauthorized("Sign in with \(ways).")
        }
        noteChallenges(in: context)
    }

    /// Tells those behind it how clients sign in; not where they find the same without it, which spares two allocations a request.
    private func noteChallenges(in context: RequestContext) {
        let isUsual = challenges == AuthChallengesKey.defaultValue
        if isUsual, !context.hasValue(of: AuthChallengesKey.self) { return }
        context.set(AuthChallengesKey.self, to: challenges)
    }

    private var ways: String {
        let ways = [
            challenges.bearer ? "a bearer token" : nil, challenges.basic ? "name and password" : nil,
            apiKeys.isEmpty ? nil : "an API key",
        ]
        return ways.compactMap(\.self).joined(separator: " or ")
    }

    private func authenticate(_ request: Request, _ context: RequestContext) async throws -> AuthenticatedUser? {
        let offers = apiKeys.isEmpty ? [] : request.headerValues(apiKeyHeader)
        if let key = offers.first {
            // Two are for two readers who each see another one.
            guard offers.count == 1, let owner = apiKeys.owner(of: key) else {
                throw challenges.unauthorized("The API key is not known.")
            }
            return user(owner, by: .apiKey)
        }
        let fields = request.headerValues(.authorization)
        guard let field = fields.first else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1)
        let rest = parts.count == 2 ? parts[1].drop { $0 == " " } : ""
        switch parts.first?.lowercased() {
        // As with API keys.
        case _ where fields.count > 1: throw challenges.unauthorized("There must be one Authorization field at most.")
        case "bearer" where challenges.bearer && !rest.isEmpty: return try await user(token: rest, context)
        case "basic" where challenges.basic && !rest.isEmpty: return try await user(basic: rest, context)
        default: throw challenges.unauthorized("Only \(ways) is accepted here.")
        }
    }

    private func user(_ name: String, by method: AuthenticatedUser.Method) -> AuthenticatedUser {
        let (scopes, roles) = (options.scopes[name] ?? [], options.roles[name] ?? [])
        return AuthenticatedUser(id: name, method: method, scopes: Set(scopes), roles: Set(roles))
    }

    private func user(token text: Substring, _ context: RequestContext) async throws -> AuthenticatedUser {
        do {
            let token = try Token(text)
            var keys = secretKey.map { [$0] } ?? []
            for file in keyFiles { keys += await file.keys(on: context.pool) }
            keys = keys.filter { $0.isMeant(by: token.header) }
            guard !keys.isEmpty else { throw TokenFault("no key has its alg and kid") }
            let claims: TokenClaims
            if keys.contains(where: \.takesLong) || keys.count > 2 {
                claims = try await context.pool.run { [keys] in try token.claims(provenBy: keys) }
            } else {
                claims = try token.claims(provenBy: keys)
            }
            return try rules.user(named: claims)
        } catch let fault as TokenFault {
            // Which part of it is wrong helps an attacker more than a client.
            context.logger.debug("token refused", metadata: ["error": "\(fault)"])
            throw challenges.unauthorized("The token is not valid or has expired.", tokenError: true)
        }
    }

    private func user(basic text: Substring, _ context: RequestContext) async throws -> AuthenticatedUser {
        guard let data = Data(base64Encoded: String(text)), let pair = String(data: data, encoding: .utf8),
            let colon = pair.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { throw challenges.unauthorized("Name and password are not encoded as they should be.") }
        let name = String(pair[..<colon])
        let password = String(Substring(pair.utf8[colon...].dropFirst()))
        guard try await passwords.holds(name, password, on: context.pool) else {
            throw challenges.unauthorized("Name or password is wrong.")
        }
        return user(name, by: .password)
    }
}
