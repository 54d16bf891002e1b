public import ContextPool
public import EventServer
import HTTPTypes
import Logging

/// `access-log`: one line for each request, written when its response has been sent or given up.
///
/// It tells what was really sent, whatever answered: a handler, a middleware, or an error.
public struct AccessLogMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "access-log"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// Paths whose requests are not logged, such as health checks; one that ends with `*` stands for all that begin so.
        public var exclude: [String]

        private enum CodingKeys: CodingKey {
            case exclude
        }

        /// Decodes the options, with defaults for what is left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            exclude = try container.decodeIfPresent([String].self, forKey: .exclude) ?? []
        }
    }

    private let excluded: PathRules

    /// Finds paths that no request can have.
    ///
    /// - Parameter options: The options.
    /// - Returns: The mistakes.
    public static func validate(_ options: Options) -> [OptionsError] {
        PathRules.mistakes(in: options.exclude, key: "exclude")
    }

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for a path that no request can have.
    public init(options: Options) throws { excluded = try PathRules(options.exclude, key: "exclude") }

    /// Sees to it that the request is logged in the end.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest.
    /// - Throws: The error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        if !excluded.contains(request.path) {
            let start = ContinuousClock.now
            context.onTeardown { Self.log(request, in: $0, since: start) }
        }
        return try await next(request, in: context)
    }

    private static func log(_ request: Request, in context: RequestContext, since start: ContinuousClock.Instant) {
        let values = context.g
        var metadata: Logger.Metadata = [
            "method": "\(request.method.rawValue)",
            "path": "\(request.path)",
            "client": "\(request.clientAddress.host)",
            "duration-us": "\(microseconds(since: start))",
        ]
        if let outcome = context.outcome {
            metadata["status"] = "\(outcome.status.code)"
            metadata["bytes"] = "\(outcome.bodySize)"
        }
        if let id = values.requestID { metadata["request-id"] = "\(id)" }
        if let user = values.user { metadata["user"] = "\(user.id)" }
        context.logger.info("request", metadata: metadata)
    }

    private static func microseconds(since start: ContinuousClock.Instant) -> Int64 {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
