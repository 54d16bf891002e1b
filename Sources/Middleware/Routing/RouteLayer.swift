import EventServer

/// Middleware around routes: that of a group, of one route, or a chain that was put around a selection.
///
/// It has an identity, so that the router knows what stands around all routes of a path.
final class RouteLayer: Sendable {
    let steps: [MiddlewareChain.Step]

    init(_ steps: [MiddlewareChain.Step]) { self.steps = steps }

    /// A layer of these, outermost first; `nil` where there is none.
    static func make(_ middleware: [any Middleware]) -> RouteLayer? {
        guard !middleware.isEmpty else { return nil }
        return RouteLayer(middleware.map { MiddlewareChain.Step(name: name(of: $0), middleware: $0) })
    }

    private static func name(of middleware: any Middleware) -> String {
        let type = type(of: middleware)
        return (type as? any MiddlewarePlugin.Type)?.name ?? String(describing: type)
    }
}

/// A layer as it stands around one route.
struct RouteWrapping: Sendable {
    let layer: RouteLayer
    /// The prefix that a path must lie below for its request to pass the layer; `nil` for all paths of the route.
    let prefix: RoutePattern?

    init(_ layer: RouteLayer, below prefix: RoutePattern? = nil) {
        self.layer = layer
        self.prefix = prefix
    }

    /// The way through the layer.
    ///
    /// It is laid here, at the start: a request finds it as it is.
    func way(to inner: Next, observedBy observer: (any StepObserver)?) -> Next {
        let chained = MiddlewareChain(layer.steps).way(to: inner, observedBy: observer)
        guard let prefix else { return chained }
        return Next(Fork({ prefix.isPrefix(ofPath: $0.path) }, to: chained, orTo: inner))
    }

    func isSame(as other: RouteWrapping) -> Bool { layer === other.layer && prefix == other.prefix }
}

extension [RouteWrapping] {
    /// - Parameters:
    ///   - handler: What stands at the end.
    ///   - observer: Who is told of the steps and of the handler; `nil` for whom a step itself names.
    /// - Returns: The way through all of them.
    func way(to handler: @escaping Handler, observedBy observer: (any StepObserver)?) -> Next {
        // No `map` and no `reduce`: in generic hands a closure gets a wrapping that each request would pass.
        var handler = handler
        if let observer { handler = MiddlewareChain.end(handler, observedBy: observer) }
        var way = Next(handler)
        for wrapping in reversed() { way = wrapping.way(to: way, observedBy: observer) }
        return way
    }

    /// What both begin with.
    func common(with other: [RouteWrapping]) -> [RouteWrapping] {
        zip(self, other).prefix { $0.isSame(as: $1) }.map(\.0)
    }
}
