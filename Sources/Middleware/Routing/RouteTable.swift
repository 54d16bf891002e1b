import ContextPool
import EventServer
import HTTPTypes

/// The routes of a router, arranged for looking up: paths without parameters in a dictionary, the others in a tree.
final class RouteTable: Sendable {
    /// What is known of one path.
    struct Endpoint: Sendable {
        var handlers: [(method: HTTPRequest.Method, route: Router.Route)] = []
        var anyMethod: Router.Route?

        func route(for method: HTTPRequest.Method) -> Router.Route? {
            let exact = handlers.first { $0.method == method }?.route ?? anyMethod
            if exact == nil, method == .head { return handlers.first { $0.method == .get }?.route }
            return exact
        }

        /// The methods that are answered, HEAD and OPTIONS included.
        var allow: String {
            var names = handlers.map(\.method.rawValue)
            if names.contains("GET"), !names.contains("HEAD") { names.append("HEAD") }
            if !names.contains("OPTIONS") { names.append("OPTIONS") }
            return names.joined(separator: ", ")
        }
    }

    private struct Node: Sendable {
        var texts: [String: Int] = [:]
        var parameter: Int?
        var endpoint: (endpoint: Endpoint, pattern: RoutePattern)?
    }

    private let fixed: [String: Endpoint]
    /// Nodes refer to each other by their place in the array; the root is the first.
    private let nodes: [Node]

    init(_ routes: [Router.Route]) throws(RouterError) {
        var fixed: [String: Endpoint] = [:]
        var nodes = [Node()]
        for route in routes {
            let pattern = try RoutePattern(route.pattern)
            guard pattern.hasParameters else {
                try Self.add(route, to: &fixed[route.pattern, default: Endpoint()])
                continue
            }
            let index = Self.place(pattern, in: &nodes)
            var endpoint = nodes[index].endpoint?.endpoint ?? Endpoint()
            if let other = nodes[index].endpoint?.pattern, other != pattern {
                throw .conflict(route.pattern, with: other.description)
            }
            try Self.add(route, to: &endpoint)
            nodes[index].endpoint = (endpoint, pattern)
        }
        self.fixed = fixed
        self.nodes = nodes
    }

    func respond(to request: Request, in context: RequestContext) async throws -> Response {
        var endpoint = fixed[request.path]
        if endpoint == nil, nodes.count > 1, let (found, parameters) = find(request.path) {
            endpoint = found
            context.updateValues { $0.parameters = parameters }
        }
        if request.path == "*" {
            return Response(status: .noContent, headers: [.allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"])
        }
        guard let endpoint else { throw HTTPError(.notFound, "Nothing is here.") }
        if let route = endpoint.route(for: request.method) { return try await route.handler(request, context) }
        let headers: HTTPFields = [.allow: endpoint.allow]
        if request.method == .options { return Response(status: .noContent, headers: headers) }
        throw HTTPError(.methodNotAllowed, "Allowed here: \(endpoint.allow).", headers: headers)
    }

    private static func add(_ route: Router.Route, to endpoint: inout Endpoint) throws(RouterError) {
        if let method = route.method {
            if let other = endpoint.handlers.first(where: { $0.method == method })?.route {
                throw .conflict("\(method.rawValue) \(route.pattern)", with: "\(method.rawValue) \(other.pattern)")
            }
            endpoint.handlers.append((method, route))
        } else {
            if let other = endpoint.anyMethod { throw .conflict(route.pattern, with: other.pattern) }
            endpoint.anyMethod = route
        }
    }

    private static func place(_ pattern: RoutePattern, in nodes: inout [Node]) -> Int {
        var index = 0
        for segment in pattern.segments {
            let existing: Int? =
                switch segment {
                case .text(let text): nodes[index].texts[text]
                case .parameter: nodes[index].parameter
                }
            if let existing {
                index = existing
                continue
            }
            nodes.append(Node())
            switch segment {
            case .text(let text): nodes[index].texts[text] = nodes.count - 1
            case .parameter: nodes[index].parameter = nodes.count - 1
            }
            index = nodes.count - 1
        }
        return index
    }

    private func find(_ path: String) -> (Endpoint, RouteParameters)? {
        // The limit of the parser on targets bounds the number of segments, the depth of the tree that of the calls.
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard let (endpoint, pattern) = find(segments[...], from: 0) else { return nil }
        var parameters = RouteParameters()
        for (segment, value) in zip(pattern.segments, segments) {
            guard case .parameter(let name) = segment else { continue }
            guard let decoded = PercentEncoding.decode(value) else { return nil }
            parameters.append(name, decoded)
        }
        return (endpoint, parameters)
    }

    private func find(
        _ segments: ArraySlice<Substring>,
        from index: Int
    ) -> (endpoint: Endpoint, pattern: RoutePattern)? {
        let node = nodes[index]
        guard let segment = segments.first else { return node.endpoint }
        if let next = node.texts[String(segment)], let found = find(segments.dropFirst(), from: next) { return found }
        guard !segment.isEmpty, let next = node.parameter else { return nil }
        return find(segments.dropFirst(), from: next)
    }
}

extension RoutePattern {
    var hasParameters: Bool {
        segments.contains { if case .parameter = $0 { true } else { false } }
    }
}
