package import ContextPool
package import EventServer
public import HTTPTypes

/// The routes of a router, checked and arranged for looking up.
///
/// What a look-up costs depends on the path and on the routes that resemble it, not on how many there are.
public final class RouteTable: Passage {
    /// What a look-up has found.
    struct Match {
        var entry: RouteEndpoint.Entry?
        /// The path that the route has: the request's, but for the slash at the end.
        var path: String
        /// The methods of those who have the path, where none has the method.
        var methods: [String] = []
        var endpoint: RouteEndpoint?
        /// Where the path is with another slash.
        var redirection: String?
        var visits = 0
    }

    private let trees: [String: RouteTree]
    private let anyHost: RouteTree
    private let trailingSlash: TrailingSlash

    init(_ router: Router, observedBy observer: (any StepObserver)?) throws(RouterError) {
        var problems = router.problems
        var byHost: [String: [Router.Route]] = [:]
        var anyHost: [Router.Route] = []
        for route in router.routes {
            if let host = route.host { byHost[host, default: []].append(route) } else { anyHost.append(route) }
        }
        var trees: [String: RouteTree] = [:]
        self.anyHost = RouteTree(anyHost, observedBy: observer, problems: &problems)
        for (host, routes) in byHost.sorted(by: { $0.key < $1.key }) {
            trees[host] = RouteTree(routes, observedBy: observer, problems: &problems)
        }
        self.trees = trees
        trailingSlash = router.trailingSlash
        _ = RouteLinks(router, problems: &problems)
        if let problem = RouterError.all(problems) { throw problem }
    }

    /// The route that answers a request; for listings.
    ///
    /// - Parameters:
    ///   - method: The method of the request; HEAD finds the GET route.
    ///   - path: The path, percent-encoded as in a request.
    ///   - host: The host, with or without a port.
    /// - Returns: The route, whose chain is what the request passes; `nil` where none answers.
    public func route(for method: HTTPRequest.Method, _ path: String, host: String = "") -> Router.Route? {
        guard path.isRequestPath else { return nil }
        return look(for: path, method) { host }.entry?.route.narrowed(to: path)
    }

    /// Finds who answers a request, and sets the parameters of its route.
    package func pass(_ request: Request, _ context: RequestContext) throws -> Next {
        if request.path == "*" {
            let methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
            return Next { _, _ in Response(status: .noContent, headers: [.allow: methods]) }
        }
        // Most paths are known as a whole: what a look-up tells beside the route is not needed then.
        if trees.isEmpty, let entry = anyHost.fixedEndpoint(request.path)?.entry(for: request.method),
            !entry.hasParameters
        {
            request.noteRoute(entry.route.pattern)
            return entry.way
        }
        let match = look(for: request.path, request.method) { request.clientAuthority }
        if let entry = match.entry {
            request.noteRoute(entry.route.pattern)
            if entry.hasParameters { try set(entry.pattern, of: match.path, entry.route.baseDepth, in: context) }
            return entry.way
        }
        if let path = match.redirection {
            let target = request.queryString.map { "\(path)?\($0)" } ?? path
            return Next { _, _ in Response(status: .permanentRedirect, headers: [.location: target]) }
        }
        guard let endpoint = match.endpoint, !match.methods.isEmpty else {
            throw HTTPError(.notFound, "Nothing is here.")
        }
        context.updateValues { $0[AllowedMethods.self] = AllowedMethods.list(match.methods) }
        if endpoint.pattern.hasParameters { try set(endpoint.pattern, of: match.path, 0, in: context) }
        return endpoint.remainder
    }

    private func set(
        _ pattern: RoutePattern,
        of path: String,
        _ baseDepth: Int,
        in context: RequestContext
    ) throws(HTTPError) {
        guard let parameters = RouteParameters(of: path, pattern, baseDepth: baseDepth) else {
            throw HTTPError(.notFound, "Nothing is here.")
        }
        context.updateValues { $0.parameters = parameters }
    }

    /// Looks a path up, and where the routes are to know it with another slash, that one, too.
    func look(for path: String, _ method: HTTPRequest.Method, host: () -> String) -> Match {
        let hosts = trees.isEmpty ? [] : HostPattern.candidates(for: host()).compactMap { trees[$0] }
        var match = search(for: path, method, hosts)
        guard match.entry == nil, trailingSlash != .strict, let other = TrailingSlash.other(of: path) else {
            return match
        }
        if trailingSlash == .redirect, match.endpoint != nil { return match }
        let second = search(for: other, method, hosts)
        match.visits += second.visits
        guard second.entry != nil || second.endpoint != nil else { return match }
        if trailingSlash == .redirect {
            if TrailingSlash.isSafeToRedirect(to: other) { match.redirection = other }
            return match
        }
        if match.endpoint == nil || second.entry != nil {
            (match.entry, match.endpoint, match.path) = (second.entry, second.endpoint, other)
        }
        match.methods += second.methods
        return match
    }

    private func search(for path: String, _ method: HTTPRequest.Method, _ hosts: [RouteTree]) -> Match {
        var search = RouteSearch(path, method)
        var entry: RouteEndpoint.Entry?
        for tree in hosts where entry == nil && !search.isOtherSpelling { entry = search.find(in: tree) }
        if entry == nil, !search.isOtherSpelling { entry = search.find(in: anyHost) }
        // Whoever spells a path differently learns nothing of it.
        if search.isOtherSpelling { return Match(entry: nil, path: path, visits: search.visits) }
        return Match(
            entry: entry,
            path: path,
            methods: search.methods,
            endpoint: entry == nil ? search.endpoint : nil,
            visits: search.visits
        )
    }
}
