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

    /// The layer, for who passes it.
    ///
    /// - Parameters:
    ///   - chained: The way through the layer.
    ///   - past: The way past it.
    /// - Returns: The one or the other, by the path of the request.
    fileprivate func choice(of chained: Next, or past: Next) -> Next {
        guard let prefix else { return chained }
        return Next(Fork({ prefix.isPrefix(ofPath: $0.path) }, to: chained, orTo: past))
    }

    func isSame(as other: RouteWrapping) -> Bool { layer === other.layer && prefix == other.prefix }
}

extension [RouteWrapping] {
    /// The way through all of them.
    ///
    /// It is laid here, at the start: a request finds it as it is.
    ///
    /// - Parameters:
    ///   - handler: What stands at the end.
    ///   - observer: Who is told of the steps and of the handler; `nil` for whom a step itself names, who is told of what is inside of
    ///     it, for the requests that pass it.
    /// - Returns: The way.
    func way(to handler: @escaping Handler, observedBy observer: (any StepObserver)?) -> Next {
        self[...].way(to: handler, observedBy: observer)
    }

    /// What both begin with.
    func common(with other: [RouteWrapping]) -> [RouteWrapping] {
        zip(self, other).prefix { $0.isSame(as: $1) }.map(\.0)
    }
}

extension ArraySlice<RouteWrapping> {
    fileprivate func way(to handler: @escaping Handler, observedBy observer: (any StepObserver)?) -> Next {
        guard let first else {
            guard let observer else { return Next(handler) }
            return Next(MiddlewareChain.end(handler, observedBy: observer))
        }
        let chain = MiddlewareChain(first.layer.steps)
        // No `map` and no `reduce`: in generic hands a closure gets a wrapping that each request would pass.
        let past = dropFirst().way(to: handler, observedBy: observer)
        let inner = observer ?? chain.observer
        let isNew = observer == nil && inner != nil
        let inside = isNew ? dropFirst().way(to: handler, observedBy: inner) : past
        return first.choice(of: chain.way(to: inside, observedBy: inner), or: past)
    }
}
