public import ContextPool
public import EventServer
import HTTPTypes

/// `access-log`: one line for each request, written when its response has been sent or given up.
///
/// It tells what was really sent, whatever answered: a handler, a middleware, or an error. Whether a line is text or JSON
/// says `log.format`.
public struct AccessLogMiddleware: MiddlewarePlugin, PreparingMiddleware {
    /// The name in `config.yml`.
    public static let name = "access-log"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// Paths whose requests are not logged, such as health checks; one that ends with `*` stands for all that begin so.
        public var exclude: [String]
        /// The share of requests that are logged, from 0 to 1; those that end in an error (400 and above) always are.
        public var sample: Double
        /// What is written as `-`, of ``Redactable``.
        public var redact: [Redactable]
        /// Fields of the request that are logged as well, such as `user-agent`.
        public var headers: [String]

        private enum CodingKeys: CodingKey {
            case exclude, sample, redact, headers
        }

        /// Decodes the options, with defaults for what is left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            exclude = try container.decode([String].self, forKey: .exclude, default: [])
            sample = try container.decode(Double.self, forKey: .sample, in: 0...1, default: 1)
            redact = try container.decode([Redactable].self, forKey: .redact, default: [])
            headers = try container.decode([String].self, forKey: .headers, default: [])
        }
    }

    /// What may be nobody's business, in the words of the line.
    public enum Redactable: String, Decodable, Sendable, CaseIterable {
        /// The path, in which there may be names.
        case path
        /// The address of the client.
        case client
        /// Who `auth` has found.
        case user
    }

    /// What proves who somebody is, and so does not belong into a log.
    private static let secrets: Set<String> = ["authorization", "cookie", "proxy-authorization", "x-api-key"]

    private let excluded: PathRules
    private let options: Options
    private var line: AccessLine

    /// Finds paths that no request can have, a share that is none, and fields that are none or secret.
    ///
    /// - Parameter options: The options.
    /// - Returns: The mistakes.
    public static func validate(_ options: Options) -> [OptionsError] {
        var mistakes = PathRules.mistakes(in: options.exclude, key: "exclude")
        if !(0...1).contains(options.sample) {
            mistakes.append(
                OptionsError(key: "sample", "It must be a number from 0 to 1, such as 0.1 for every tenth.")
            )
        }
        for (index, name) in options.headers.enumerated() {
            if HTTPField.Name(name) == nil {
                mistakes.append(OptionsError(key: "headers.\(index)", "\"\(name)\" is not the name of a header field."))
            } else if secrets.contains(name.lowercased()) {
                mistakes.append(OptionsError(key: "headers.\(index)", "\"\(name)\" is secret: it must not be logged."))
            }
        }
        return mistakes
    }

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for what ``validate(_:)`` finds.
    public init(options: Options) throws {
        if let mistake = Self.validate(options).first { throw mistake }
        excluded = try PathRules(options.exclude, key: "exclude")
        self.options = options
        line = AccessLine(options)
    }

    /// Looks for how the application's logger writes lines.
    ///
    /// - Parameter setup: The application and its logger.
    public mutating func start(in setup: PluginSetup) async {
        line = AccessLine(options, logger: setup.app.values.logger)
    }

    /// Sees to it that the request is logged in the end.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    public func prepare(_ request: Request, in context: RequestContext) {
        if !excluded.contains(request.path) {
            let start = ContinuousClock.now
            context.onTeardown { [line] in line.write(for: $0, since: start) }
        }
    }
}
