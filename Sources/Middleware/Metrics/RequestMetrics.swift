import EventServer
import HTTPTypes
import Metrics
import Synchronization

/// Requests, errors and durations by route, and by step of the chain.
final class RequestMetrics: StepObserver {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private struct Route {
        let requests: Counter
        let errors: Counter
        let duration: Timer
    }

    private struct Step {
        let errors: Counter
        let duration: Timer
    }

    private struct State {
        var routes: [Key: Route] = [:]
        var steps: [String: Step] = [:]
    }

    /// A client may invent methods.
    private static let methods: Set<HTTPRequest.Method> = [
        .get, .head, .post, .put, .patch, .delete, .options, .connect, .trace,
    ]

    private let factory: any MetricsFactory
    private let active: Meter
    // Making a metric costs more than looking one up: the keys are as few as routes, methods and statuses.
    private let state = Mutex(State())

    init(factory: any MetricsFactory) {
        self.factory = factory
        active = Meter(label: "baton.requests.active", factory: factory)
    }

    func begin() { active.increment() }

    func end(_ request: Request, _ outcome: ResponseOutcome?, after duration: Duration) {
        active.decrement()
        guard let outcome else { return }
        let method = Self.methods.contains(request.method) ? request.method.rawValue : "other"
        let route = route(Key(method: method, route: request.route ?? "none", status: outcome.status.code))
        route.requests.increment()
        if outcome.status.code >= 500 || outcome.ending == .broken { route.errors.increment() }
        route.duration.record(duration: duration)
    }

    func stepEnded(_ step: String, after duration: Duration, hasFailed: Bool) {
        let metrics = state.withLock { state in
            if let known = state.steps[step] { return known }
            let labels = [("step", step)]
            let new = Step(
                errors: Counter(label: "baton.step.errors", dimensions: labels, factory: factory),
                duration: Timer(label: "baton.step.duration", dimensions: labels, factory: factory)
            )
            state.steps[step] = new
            return new
        }
        metrics.duration.record(duration: duration)
        if hasFailed { metrics.errors.increment() }
    }

    private func route(_ key: Key) -> Route {
        state.withLock { state in
            if let known = state.routes[key] { return known }
            let labels = [("method", key.method), ("route", key.route)]
            let status = [("status", "\(key.status)")]
            let new = Route(
                requests: Counter(label: "baton.requests", dimensions: labels + status, factory: factory),
                errors: Counter(label: "baton.request.errors", dimensions: labels, factory: factory),
                duration: Timer(label: "baton.request.duration", dimensions: labels, factory: factory)
            )
            state.routes[key] = new
            return new
        }
    }
}
