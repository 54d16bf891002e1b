/// Which routes of a router are meant.
public struct RouteSelection: Sendable, CustomStringConvertible {
    fileprivate enum Kind: Sendable {
        case all
        case below(RoutePattern)
        case pattern(String)
        case named(String)
    }

    /// What is selected, in words.
    public let description: String
    fileprivate let kind: Kind

    /// Every route.
    public static let all = RouteSelection(description: "all routes", kind: .all)

    /// Every request for the prefix itself or a path below it, whichever route answers.
    ///
    /// - Parameter prefix: Whole segments, such as `/admin`, which is not the beginning of `/administrators`; parameters may be
    ///   in it. `/` is everything.
    /// - Returns: The selection.
    /// - Throws: ``RouterError`` for a prefix that no path can begin with.
    public static func below(_ prefix: String) throws(RouterError) -> RouteSelection {
        let pattern = try RoutePattern(prefix)
        guard pattern.rest == nil, prefix == "/" || !prefix.hasSuffix("/") else {
            throw .invalidPattern(prefix, "a prefix ends with neither '/' nor a wildcard", at: nil)
        }
        return RouteSelection(description: "the routes below \(prefix)", kind: .below(pattern))
    }

    /// The routes with a pattern, whatever their methods and hosts.
    ///
    /// - Parameter pattern: The pattern, as it was declared, with the prefixes of its groups.
    /// - Returns: The selection.
    public static func pattern(_ pattern: String) -> RouteSelection {
        RouteSelection(description: "the routes with the pattern \(pattern)", kind: .pattern(pattern))
    }

    /// The route with a name.
    ///
    /// - Parameter name: The name.
    /// - Returns: The selection.
    public static func named(_ name: String) -> RouteSelection {
        RouteSelection(description: "the route called \(name)", kind: .named(name))
    }
}

extension Router {
    /// Puts a chain around the selected routes, outside of all middleware that they have already.
    ///
    /// A route of which only some paths lie below a selected prefix, as those of `/{page...}` below `/admin`, has the chain around
    /// these alone. Nothing is looked up for it when a request comes, but the paths of such a route are compared with the prefix.
    /// What no route answers, 404 that is, passes no chain.
    ///
    /// - Parameters:
    ///   - selection: Which of the routes that there are so far.
    ///   - chain: What to put around them.
    /// - Returns: How many routes were selected; none where the selection is misspelt.
    @discardableResult
    public mutating func wrap(_ selection: RouteSelection, in chain: MiddlewareChain) -> Int {
        let layer = RouteLayer(chain.steps)
        var count = 0
        for index in routes.indices {
            guard let wrapping = selection.wrapping(of: routes[index], in: layer) else { continue }
            routes[index].wrappings.insert(wrapping, at: 0)
            count += 1
        }
        return count
    }
}

extension RouteSelection {
    /// How the layer stands around a route; `nil` where it does not.
    fileprivate func wrapping(of route: Router.Route, in layer: RouteLayer) -> RouteWrapping? {
        switch kind {
        case .all: return RouteWrapping(layer)
        case .pattern(let pattern): return route.pattern == pattern ? RouteWrapping(layer) : nil
        case .named(let name): return route.name == name ? RouteWrapping(layer) : nil
        case .below(let prefix):
            // What cannot be read stops the start anyway.
            guard let pattern = try? RoutePattern(route.pattern) else { return nil }
            return switch pattern.relation(toPrefix: prefix) {
            case .inside: RouteWrapping(layer)
            case .partly: RouteWrapping(layer, below: prefix)
            case .outside: nil
            }
        }
    }
}
