import HTTPTypes

/// One look-up: which route has a path and a method.
struct RouteSearch {
    private let path: String
    private let method: HTTPRequest.Method

    /// The methods of the routes that have the path, where none has the method, too.
    private(set) var methods: [String] = []
    /// The first of the endpoints that these belong to.
    private(set) var endpoint: RouteEndpoint?
    /// The path is that of a route, written differently: nothing has it.
    private(set) var isOtherSpelling = false
    /// How many nodes were visited.
    private(set) var visits = 0

    init(_ path: String, _ method: HTTPRequest.Method) {
        self.path = path
        self.method = method
    }

    mutating func find(in tree: RouteTree) -> RouteEndpoint.Entry? {
        if let entry = tree.fixedEndpoint(path)?.entry(for: method) { return entry }
        return find(in: tree, from: 0, PathSegments(path[...]))
    }

    /// The depth of the calls is that of the tree, and not the path's.
    private mutating func find(in tree: RouteTree, from index: Int, _ rest: PathSegments) -> RouteEndpoint.Entry? {
        visits += 1
        let node = tree.nodes[index]
        var next = rest
        guard let segment = next.next() else { return node.endpoint.flatMap { take(tree.endpoints[$0]) } }
        if let child = node.texts[segment] {
            if let entry = find(in: tree, from: child, next) { return entry }
        } else if node.isOtherSpelling(segment) {
            isOtherSpelling = true
        }
        if !node.parameters.isEmpty, segment.isParameterValue {
            for (type, child) in node.parameters where !isOtherSpelling && type.accepts(segment) {
                if let entry = find(in: tree, from: child, next) { return entry }
            }
        }
        guard !isOtherSpelling, let wildcard = node.rest, rest.rest?.isWildcardValue == true else { return nil }
        return take(tree.endpoints[wildcard])
    }

    private mutating func take(_ endpoint: RouteEndpoint) -> RouteEndpoint.Entry? {
        if let entry = endpoint.entry(for: method) { return entry }
        if self.endpoint == nil { self.endpoint = endpoint }
        methods += endpoint.methods
        return nil
    }
}
