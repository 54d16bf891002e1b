public import ContextPool
public import EventServer
import HTTPTypes

/// `timeout`: how long what lies behind it in the chain may take to answer; else the client gets 504.
///
/// When the time is up the handler's task is cancelled, and so are the jobs of the request. Swift cannot end a handler that
/// does not listen: for one of that kind the client gets its 504 from `server.timeouts.handler`, which this can only
/// shorten. A body that is streamed once the answer has begun is not counted.
///
/// What lies behind it runs in a child task: Swift can cancel nothing less than a task.
public struct TimeoutMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "timeout"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// How long an answer may take.
        public var after: Duration

        private enum CodingKeys: CodingKey {
            case after
        }

        /// Decodes the options.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws, also where `after` is missing.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            after = try container.decode(Duration.self, forKey: .after)
        }
    }

    private let limit: Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    public init(options: Options) {
        self.init(limit: options.after) { try await Alarms.shared.sleep(for: $0) }
    }

    init(limit: Duration, sleep: @escaping @Sendable (Duration) async throws -> Void) {
        self.limit = limit
        self.sleep = sleep
    }

    private enum Ending: Sendable {
        case answered(Result<Response, any Error>)
        case late
        /// Waiting for the limit was given up: the client has left, or the answer is there.
        case noLonger
    }

    /// Goes on, and waits for the answer until the time is up.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest.
    /// - Throws: ``HTTPError`` with 504 when the time is up, or the error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        try await withTaskGroup(of: Ending.self) { group in
            group.addTask {
                do {
                    return .answered(.success(try await next(request, in: context)))
                } catch {
                    return .answered(.failure(error))
                }
            }
            group.addTask { [sleep, limit] in
                do {
                    try await sleep(limit)
                    return .late
                } catch {
                    return .noLonger
                }
            }
            var result: Result<Response, any Error> = .failure(CancellationError())
            ending: for await ending in group {
                switch ending {
                case .noLonger: continue
                case .answered(let answer): result = answer
                case .late:
                    context.cancel()
                    result = .failure(HTTPError(.gatewayTimeout, "There was no answer within \(limit)."))
                }
                group.cancelAll()
                break ending
            }
            return result
        }
        .get()
    }
}
