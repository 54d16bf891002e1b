import ContextPool
import EventServer
import HTTPTypes

/// The routes of one host that have the same paths.
final class RouteEndpoint: Sendable {
    /// A route, ready to answer; a class, so that finding it costs one retain.
    final class Entry: Sendable {
        let route: Router.Route
        let pattern: RoutePattern
        /// The way to the route's handler, through all that stands around it.
        let way: Next

        init(_ route: Router.Route, _ pattern: RoutePattern, observedBy observer: (any StepObserver)?) {
            self.route = route
            self.pattern = pattern
            way = route.wrappings.way(to: route.handler, observedBy: observer)
        }

        var hasParameters: Bool { pattern.hasParameters || route.baseDepth > 0 }
    }

    private let entries: [(method: HTTPRequest.Method, entry: Entry)]
    private let anyMethod: Entry?

    /// The pattern of the paths; of several methods it is the same.
    let pattern: RoutePattern

    /// The methods that have a route.
    let methods: [String]

    /// Answers what the methods leave, inside of what stands around the routes of all of them.
    ///
    /// Only so can a middleware of a group answer an OPTIONS request of CORS.
    let remainder: Next

    /// Takes one route or more, of each method one at most.
    init(_ routes: [Entry], pattern: RoutePattern, observedBy observer: (any StepObserver)?) {
        self.pattern = pattern
        entries = routes.compactMap { entry in entry.route.method.map { ($0, entry) } }
        anyMethod = routes.first { $0.route.method == nil }
        methods = routes.compactMap(\.route.method?.rawValue)
        let first = routes.first?.route.wrappings ?? []
        let wrappings = routes.dropFirst().reduce(first) { $0.common(with: $1.route.wrappings) }
        let answer: Handler = { request, context in try AllowedMethods.answer(request, context) }
        remainder = wrappings.way(to: answer, observedBy: observer)
    }

    func entry(for method: HTTPRequest.Method) -> Entry? {
        if let exact = entries.first(where: { $0.method == method }) { return exact.entry }
        if method == .head, let get = entries.first(where: { $0.method == .get }) { return get.entry }
        return anyMethod
    }
}

/// What is answered where a path has routes, but none for the method.
enum AllowedMethods: ContextKey {
    static let name = "baton.allowedMethods"
    static let defaultValue = ""
    // Read at the end of the chain in which it was written.
    static let travel = ContextTravel.cleared

    static func answer(_ request: Request, _ context: RequestContext) throws(HTTPError) -> Response {
        let allow = context.g[AllowedMethods.self]
        if request.method == .options { return Response(status: .noContent, headers: [.allow: allow]) }
        throw HTTPError(.methodNotAllowed, "Allowed here: \(allow).", headers: [.allow: allow])
    }

    /// The methods that are answered, HEAD and OPTIONS included.
    static func list(_ methods: [String]) -> String {
        let answered = methods + (methods.contains("GET") ? ["HEAD"] : []) + ["OPTIONS"]
        var seen: Set<String> = []
        return answered.filter { seen.insert($0).inserted }.joined(separator: ", ")
    }
}
