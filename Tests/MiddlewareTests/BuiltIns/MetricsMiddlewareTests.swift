import EventServer
import HTTPTypes
import Metrics
import TestSupport
import Testing

@testable import Middleware

@Suite struct MetricsMiddlewareTests {
    private struct Mistake: Error {}

    private let exchange: TestExchange
    private let factory = PrometheusMetricsFactory()
    private let metrics: MetricsMiddleware

    init() throws {
        exchange = try TestExchange()
        var metrics = try MetricsMiddleware(options: options("{}"))
        metrics.use(factory)
        self.metrics = metrics
    }

    private var lines: [String] { factory.text.split(separator: "\n").map(String.init) }

    @Test func `a request is counted by method, route and status`() async throws {
        for target in ["/users/1", "/users/2"] {
            await exchange.send(try .test(target), through: [metrics]) { request, _ in
                request.noteRoute("/users/{id}")
                return .text("ok")
            }
        }
        await exchange.send(try .test("/none", method: "BREW"), through: [metrics]) { _, _ in throw HTTPError(.notFound)
        }
        #expect(lines.contains(#"baton_requests_total{method="GET",route="/users/{id}",status="200"} 2"#))
        #expect(lines.contains(#"baton_requests_total{method="other",route="none",status="404"} 1"#))
        #expect(lines.contains(#"baton_request_duration_seconds_count{method="GET",route="/users/{id}"} 2"#))
        #expect(lines.contains(#"baton_request_errors_total{method="GET",route="/users/{id}"} 0"#))
    }

    @Test func `what a client cannot help is an error`() async throws {
        await exchange.send(try .test("/"), through: [metrics]) { _, _ in throw Mistake() }
        let broken = await exchange.respond(to: try .test("/"), through: [metrics])
        broken.sent(.broken)
        #expect(lines.contains(#"baton_request_errors_total{method="GET",route="none"} 2"#))
    }

    @Test func `a request is active until its response has been sent`() async throws {
        let response = await exchange.respond(to: try .test("/"), through: [metrics])
        #expect(lines.contains("baton_requests_active 1.0"))
        response.sent()
        #expect(lines.contains("baton_requests_active 0.0"))
    }

    @Test func `each step is measured, and an error counted where it began`() async throws {
        let pass = ClosureMiddleware { request, context, next in try await next(request, in: context) }
        let fail = ClosureMiddleware { _, _, _ in throw Mistake() }
        await exchange.send(try .test("/"), through: [metrics, pass])
        await exchange.send(try .test("/"), through: [pass, metrics, fail])
        #expect(lines.contains(#"baton_step_duration_seconds_count{step="handler"} 1"#))
        #expect(lines.contains(#"baton_step_duration_seconds_count{step="0"} 2"#))
        #expect(lines.contains(#"baton_step_errors_total{step="2"} 1"#))
        #expect(lines.contains(#"baton_step_errors_total{step="0"} 0"#))
        #expect(lines.contains(#"baton_step_errors_total{step="1"} 0"#))
    }

    @Test func `a step is not charged for what lies behind it`() async throws {
        let pass = ClosureMiddleware { request, context, next in try await next(request, in: context) }
        await exchange.send(try .test("/"), through: [metrics, pass]) { _, _ in
            let end = ContinuousClock.now + .milliseconds(20)
            while ContinuousClock.now < end {}
            return .text("ok")
        }
        #expect(lines.contains(#"baton_step_duration_seconds_bucket{step="handler",le="0.01"} 0"#))
        #expect(lines.contains(#"baton_step_duration_seconds_bucket{step="1",le="0.01"} 1"#))
    }

    @Test(arguments: [
        ("application/openmetrics-text", true),
        ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3", true),
        ("text/plain", false), ("*/*", false), ("", false), ("application/openmetrics-text;q=0", false),
        ("application/openmetrics-text;q=0.1,*/*;q=0.5", false),
    ])
    func `the metrics are shown as the scraper likes them better`(_ accept: String, _ isOpen: Bool) async throws {
        Counter(label: "orders.placed", factory: factory).increment()
        let request = try Request.test("/metrics", fields: ["Accept: \(accept)"])
        let response = await exchange.send(request, through: [metrics])
        let type = isOpen ? "application/openmetrics-text; version=1.0.0" : "text/plain; version=0.0.4"
        #expect(response.header("content-type") == "\(type); charset=utf-8")
        #expect(response.header("vary") == "Accept")
        let name = isOpen ? "orders_placed" : "orders_placed_total"
        #expect(response.text.contains("# TYPE \(name) counter\norders_placed_total 1\n"))
        #expect(response.text.hasSuffix("\n# EOF\n") == isOpen)
    }

    @Test func `without steps none is measured`() async throws {
        var metrics = try MetricsMiddleware(options: options("{steps: false}"))
        metrics.use(factory)
        await exchange.send(try .test("/"), through: [metrics])
        #expect(!factory.text.contains("baton_step"))
    }

    @Test func `the metrics are shown at their path`() async throws {
        await exchange.send(try .test("/"), through: [metrics])
        let response = await exchange.send(try .test("/metrics"), through: [metrics])
        #expect(response.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
        #expect(response.header("cache-control") == "no-store")
        #expect(response.text.contains("# TYPE baton_requests_total counter"))
        #expect(await exchange.send(try .test("/metrics", method: "POST"), through: [metrics]).text == "ok")
    }

    @Test func `with another system the path goes on`() async throws {
        var metrics = try MetricsMiddleware(options: options("{}"))
        metrics.use(NOOPMetricsHandler.instance)
        #expect(await exchange.send(try .test("/metrics"), through: [metrics]).text == "ok")
    }

    @Test func `a path that no request can have is refused`() {
        let error = #expect(throws: OptionsError.self) { try MetricsMiddleware(options: options("{path: metrics}")) }
        #expect(error?.key == "path")
    }
}
