/// The routes of one host, arranged by the segments of their patterns.
///
/// Each node stands for the beginning of some patterns. It is reached from one other node only and by one segment only, so a
/// look-up visits it once at most, however the path is made: going back from a dead end costs no more than the routes that
/// were declared.
struct RouteTree: Sendable {
    struct Node: Sendable {
        var texts: [Substring: Int] = [:]
        /// In the order in which they are tried.
        var parameters: [(type: ParameterType, node: Int)] = []
        /// What the paths that end here have.
        var endpoint: Int?
        /// What the paths that go on from here in any way have.
        var rest: Int?
        /// The texts, decoded.
        private var spellings: [String: Int] = [:]
        private var hasEncodedTexts = false

        /// The text that is the same as this one when both are decoded.
        func spelling(of text: String) -> Int? { spellings[PercentEncoding.decode(text[...]) ?? text] }

        mutating func addText(_ text: String, _ node: Int) {
            texts[text[...]] = node
            let decoded = PercentEncoding.decode(text[...]) ?? text
            spellings[decoded] = node
            if decoded != text { hasEncodedTexts = true }
        }

        mutating func addParameter(_ type: ParameterType, _ node: Int) {
            parameters.append((type, node))
            let order = ParameterType.allCases
            parameters.sort { (order.firstIndex(of: $0.type) ?? 0) < (order.firstIndex(of: $1.type) ?? 0) }
        }

        /// Whether a segment, which is none of the texts, would be one of them, or a parameter with a type, if it were
        /// spelt otherwise.
        ///
        /// A route without the middleware of that one must not get it then.
        func isOtherSpelling(_ segment: Substring) -> Bool {
            guard let decoded = segment.decodedIfEncoded else {
                return hasEncodedTexts && spellings[String(segment)] != nil
            }
            return spellings[decoded] != nil
                || parameters.contains { $0.type != .text && $0.type.accepts(decoded) && !$0.type.accepts(segment) }
        }
    }

    /// Nodes refer to each other by their place in the array; the root is the first.
    let nodes: [Node]
    let endpoints: [RouteEndpoint]
    /// The endpoints whose paths are known as a whole.
    private let fixed: [String: Int]

    /// - Parameters:
    ///   - routes: The routes.
    ///   - observer: Who is told how their steps fare.
    ///   - problems: Gets what is wrong with routes, which are left out then.
    init(_ routes: [Router.Route], observedBy observer: (any StepObserver)?, problems: inout [RouterError]) {
        var nodes = [Node()]
        // The first route through each node but the root, for errors.
        var owners: [Router.Route] = []
        var drafts: [[RouteEndpoint.Entry]] = []
        var fixed: [String: Int] = [:]
        for route in routes {
            do throws(RouterError) {
                let pattern = try RoutePattern(route.pattern, declaredAt: route.declaredAt)
                let node = try Self.place(pattern, of: route, in: &nodes, &owners)
                let endpoint: Int
                if let existing = pattern.rest == nil ? nodes[node].endpoint : nodes[node].rest {
                    endpoint = existing
                } else {
                    endpoint = drafts.count
                    drafts.append([])
                    if pattern.rest == nil { nodes[node].endpoint = endpoint } else { nodes[node].rest = endpoint }
                }
                for other in drafts[endpoint] {
                    guard other.pattern == pattern else { throw .otherNames(route, other.route) }
                    guard other.route.method != route.method else { throw .sameRequests(route, other.route) }
                }
                drafts[endpoint].append(RouteEndpoint.Entry(route, pattern, observedBy: observer))
                if !pattern.hasParameters { fixed[route.pattern] = endpoint }
            } catch {
                problems.append(error)
            }
        }
        self.nodes = nodes
        self.fixed = fixed
        endpoints = drafts.compactMap { draft in
            draft.first.map { RouteEndpoint(draft, pattern: $0.pattern, observedBy: observer) }
        }
    }

    func fixedEndpoint(_ path: String) -> RouteEndpoint? { fixed[path].map { endpoints[$0] } }

    private static func place(
        _ pattern: RoutePattern,
        of route: Router.Route,
        in nodes: inout [Node],
        _ owners: inout [Router.Route]
    ) throws(RouterError) -> Int {
        var index = 0
        for segment in pattern.segments {
            switch segment {
            case .text(let text):
                if let existing = nodes[index].texts[text[...]] {
                    index = existing
                    continue
                }
                if let other = nodes[index].spelling(of: text) { throw .otherSpelling(route, owners[other - 1]) }
                nodes.append(Node())
                owners.append(route)
                nodes[index].addText(text, nodes.count - 1)
            case .parameter(_, let type):
                if let existing = nodes[index].parameters.first(where: { $0.type == type }) {
                    index = existing.node
                    continue
                }
                nodes.append(Node())
                owners.append(route)
                nodes[index].addParameter(type, nodes.count - 1)
            }
            index = nodes.count - 1
        }
        return index
    }
}
