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
            if let exact = handlers.first(where: { $0.method == method }) { return exact.route }
            if method == .head, let get = handlers.first(where: { $0.method == .get }) { return get.route }
            return anyMethod
        }
    }

    private typealias Match = (endpoint: Endpoint, pattern: RoutePattern)

    private struct Node: Sendable {
        var texts: [String: Int] = [:]
        var parameter: Int?
        var match: Match?
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
            var match = nodes[index].match ?? (Endpoint(), pattern)
            guard match.pattern == pattern else { throw .otherNames(route.pattern, match.pattern.description) }
            try Self.add(route, to: &match.endpoint)
            nodes[index].match = match
        }
        self.fixed = fixed
        self.nodes = nodes
    }

    func respond(to request: Request, in context: RequestContext) async throws -> Response {
        if request.path == "*" {
            return Response(status: .noContent, headers: [.allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"])
        }
        let endpoint = fixed[request.path]
        if let route = endpoint?.route(for: request.method) {
            request.noteRoute(route.pattern)
            return try await route.handler(request, context)
        }
        var methods = endpoint?.handlers.map(\.method.rawValue) ?? []
        for (endpoint, parameters) in matches(request.path) {
            if let route = endpoint.route(for: request.method) {
                request.noteRoute(route.pattern)
                context.updateValues { $0.parameters = parameters }
                return try await route.handler(request, context)
            }
            methods += endpoint.handlers.map(\.method.rawValue)
        }
        guard !methods.isEmpty else { throw HTTPError(.notFound, "Nothing is here.") }
        let allow = Self.allow(methods)
        if request.method == .options { return Response(status: .noContent, headers: [.allow: allow]) }
        throw HTTPError(.methodNotAllowed, "Allowed here: \(allow).", headers: [.allow: allow])
    }

    /// The methods that are answered, HEAD and OPTIONS included.
    private static func allow(_ methods: [String]) -> String {
        let answered = methods + (methods.contains("GET") ? ["HEAD"] : []) + ["OPTIONS"]
        var seen: Set<String> = []
        return answered.filter { seen.insert($0).inserted }.joined(separator: ", ")
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

    /// The endpoints in the tree that have a path, those with text before those with a parameter in the same place.
    private func matches(_ path: String) -> [(Endpoint, RouteParameters)] {
        guard nodes.count > 1 else { return [] }
        // The limit of the parser on targets bounds the number of segments, the depth of the tree that of the calls.
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        var found: [Match] = []
        collect(segments[...], from: 0, into: &found)
        return found.compactMap { endpoint, pattern in
            var parameters = RouteParameters()
            for (segment, value) in zip(pattern.segments, segments) {
                guard case .parameter(let name) = segment else { continue }
                guard let decoded = PercentEncoding.decode(value) else { return nil }
                parameters.append(name, decoded)
            }
            return (endpoint, parameters)
        }
    }

    private func collect(_ segments: ArraySlice<Substring>, from index: Int, into found: inout [Match]) {
        let node = nodes[index]
        guard let segment = segments.first else {
            if let match = node.match { found.append(match) }
            return
        }
        if let next = node.texts[String(segment)] { collect(segments.dropFirst(), from: next, into: &found) }
        if !segment.isEmpty, let next = node.parameter { collect(segments.dropFirst(), from: next, into: &found) }
    }
}

extension RoutePattern {
    var hasParameters: Bool {
        segments.contains { if case .parameter = $0 { true } else { false } }
    }
}
