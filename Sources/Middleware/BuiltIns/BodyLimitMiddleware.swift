public import ContextPool
public import EventServer
import HTTPTypes

/// `body-limit`: how much of a body is accepted, for what lies behind it in the chain; beyond it the client gets 413.
///
/// It takes the place of `server.limits.body`, and may be lower or higher. A request that announces more is refused before
/// any of its body is read.
public struct BodyLimitMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "body-limit"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// The most bytes of a body.
        public var limit: Int

        private enum CodingKeys: CodingKey {
            case limit
        }

        /// Decodes the options.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws, also where `limit` is missing: a limit nobody chose protects nobody.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            limit = try container.decode(ByteCount.self, forKey: .limit).bytes
        }
    }

    private let limit: Int

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    public init(options: Options) { limit = options.limit }

    /// Refuses the request, or goes on with a body that ends in an error beyond the limit.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest.
    /// - Throws: ``HTTPError`` with 413, or the error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        // Where a length is announced, the parser has checked that it is a number.
        if let length = request.header(.contentLength).flatMap({ Int($0) }), length > limit {
            throw HTTPError(.contentTooLarge, "The body may have \(limit) bytes at most.")
        }
        return try await next(request.limitingBody(to: limit), in: context)
    }
}
