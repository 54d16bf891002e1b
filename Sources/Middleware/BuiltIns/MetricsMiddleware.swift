public import ContextPool
public import EventServer
import HTTPTypes
import Logging
import Metrics

/// `metrics`: counts and measures requests by route and by step of the chain, and shows the metrics of the process at a path.
///
/// A request is counted when its response has been sent or given up. Where no `metrics` is in the chain nothing is measured.
public struct MetricsMiddleware: MiddlewarePlugin, StepObserving {
    /// The name in `config.yml`.
    public static let name = "metrics"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// The path at which the metrics are shown.
        public var path: String
        /// Whether each step of the chain is measured.
        public var steps: Bool

        private enum CodingKeys: CodingKey {
            case path, steps
        }

        /// Decodes the options, with defaults for what is left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            path = try container.decode(String.self, forKey: .path, default: "/metrics")
            steps = try container.decode(Bool.self, forKey: .steps, default: true)
        }
    }

    private let options: Options
    private var metrics: RequestMetrics?
    private var prometheus: PrometheusMetricsFactory?

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for a path that no request can have.
    public init(options: Options) throws {
        guard options.path.isRequestPath else {
            throw OptionsError(key: "path", "It must begin with '/' and be encoded, as in a URL.")
        }
        self.options = options
    }

    /// Makes the metrics, in the system that the process has by now.
    ///
    /// - Parameter setup: Its logger tells where the metrics are not shown.
    /// - Throws: Nothing.
    public mutating func start(in setup: PluginSetup) async throws {
        let factory = MetricsSystem.factory
        use(factory)
        if prometheus == nil {
            let metadata: Logger.Metadata = ["path": "\(options.path)", "system": "\(type(of: factory))"]
            setup.logger.notice("metrics go to the system that was bootstrapped, and are not shown", metadata: metadata)
        }
    }

    mutating func use(_ factory: any MetricsFactory) {
        metrics = RequestMetrics(factory: factory)
        prometheus = factory as? PrometheusMetricsFactory
    }

    /// Measures the steps, where the options want it.
    public var stepObserver: (any StepObserver)? { options.steps ? metrics : nil }

    /// Shows the metrics, or goes on and measures.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The metrics, or the response of the rest.
    /// - Throws: The error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        if let prometheus, request.path == options.path, request.method == .get || request.method == .head {
            return Self.response(with: prometheus, to: request)
        }
        if let metrics {
            let start = ContinuousClock.now
            metrics.begin()
            context.onTeardown { metrics.end(request, $0.outcome, after: start.duration(to: .now)) }
        }
        return try await next(request, in: context)
    }

    /// The metrics, as the scraper likes them better.
    private static func response(with prometheus: PrometheusMetricsFactory, to request: Request) -> Response {
        let accepted = Preferences(request.headerValues(.accept))
        let open = accepted.weight(of: "application/openmetrics-text") ?? 0
        let isOpen = open > 0 && open >= accepted.weight(of: "text/plain", "text/*", "*/*") ?? 0
        let type = isOpen ? "application/openmetrics-text; version=1.0.0" : "text/plain; version=0.0.4"
        return Response(
            status: .ok,
            headers: [.contentType: "\(type); charset=utf-8", .cacheControl: "no-store", .vary: "Accept"],
            body: Array((isOpen ? prometheus.openMetricsText : prometheus.text).utf8)
        )
    }
}
