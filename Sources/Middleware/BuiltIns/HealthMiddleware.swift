public import ContextPool
public import EventServer
import HTTPTypes
import Logging

/// `health`: answers who wants to know whether the server lives, and whether it is of use.
///
/// It lives when it answers. It is ready when no check of ``HealthChecks`` finds fault; else the answer is 503, with the names
/// of those that do, and the log says why. It stands before what demands credentials.
public struct HealthMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "health"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// The path that tells whether the server lives.
        public var live: String
        /// The path that tells whether it is ready.
        public var ready: String
        /// How long each check may take.
        public var timeout: Duration
        /// How long an answer holds, however many ask.
        public var keep: Duration

        private enum CodingKeys: CodingKey {
            case live, ready, timeout, keep
        }

        /// Decodes the options, with defaults for what is left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            live = try container.decode(String.self, forKey: .live, default: "/health/live")
            ready = try container.decode(String.self, forKey: .ready, default: "/health/ready")
            timeout = try container.decode(Duration.self, forKey: .timeout, default: .seconds(2))
            keep = try container.decode(Duration.self, forKey: .keep, default: .seconds(1))
        }
    }

    private struct Report: Encodable {
        let status: String
        var checks: [String: String]?
    }

    private let options: Options

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for a path that no request can have.
    public init(options: Options) throws {
        for (key, path) in [("live", options.live), ("ready", options.ready)] where !path.isRequestPath {
            throw OptionsError(key: key, "It must begin with '/' and be encoded, as in a URL.")
        }
        self.options = options
    }

    /// It stands before `auth`.
    public var chainRules: [ChainRule] { [.before("auth", because: "who asks for the health has no credentials")] }

    /// Answers on its two paths, and lets everything else go on.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The health, or the response of the rest.
    /// - Throws: The error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        guard request.method == .get || request.method == .head else { return try await next(request, in: context) }
        switch request.path {
        case options.live: return try answer(Report(status: "ok"), .ok)
        case options.ready: return try await readiness(context)
        default: return try await next(request, in: context)
        }
    }

    private func readiness(_ context: RequestContext) async throws -> Response {
        let findings =
            await context.app.values.healthChecks?.run(within: options.timeout, noOlderThan: options.keep) ?? []
        for finding in findings {
            guard let error = finding.error else { continue }
            context.logger.warning("not ready", metadata: ["check": "\(finding.name)", "error": "\(error)"])
        }
        let isReady = findings.allSatisfy { $0.error == nil }
        let checks = Dictionary(findings.map { ($0.name, $0.error == nil ? "ok" : "failed") }) { first, _ in first }
        let report = Report(status: isReady ? "ok" : "failed", checks: checks)
        return try answer(report, isReady ? .ok : .serviceUnavailable)
    }

    private func answer(_ report: Report, _ status: HTTPResponse.Status) throws -> Response {
        var response = try Response.json(report, status: status)
        response.headers[.cacheControl] = "no-store"
        return response
    }
}
