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

    /// The handler inside of the layer.
    ///
    /// The closures are nested here, at the start: a request finds them as they are.
    func handler(endingIn inner: @escaping Handler, observedBy observer: (any StepObserver)?) -> Handler {
        let chain = MiddlewareChain(layer.steps)
        let chained: Handler
        if let observer {
            chained = chain.handler(endingIn: inner, observedBy: observer)
        } else {
            chained = chain.handler(endingIn: inner)
        }
        guard let prefix else { return chained }
        return { request, context in
            prefix.isPrefix(ofPath: request.path)
                ? try await chained(request, context)
                : try await inner(request, context)
        }
    }

    func isSame(as other: RouteWrapping) -> Bool { layer === other.layer && prefix == other.prefix }
}

extension [RouteWrapping] {
    /// - Parameters:
    ///   - handler: What stands at the end.
    ///   - observer: Who is told of the steps and of the handler; `nil` for whom a step itself names.
    /// - Returns: The handler inside of all of them.
    func handler(endingIn handler: @escaping Handler, observedBy observer: (any StepObserver)?) -> Handler {
        // No `map` and no `reduce`, as in a chain.
        var handler = handler
        if let observer { handler = MiddlewareChain.end(handler, observedBy: observer) }
        for wrapping in reversed() { handler = wrapping.handler(endingIn: handler, observedBy: observer) }
        return handler
    }

    /// What both begin with.
    func common(with other: [RouteWrapping]) -> [RouteWrapping] {
        zip(self, other).prefix { $0.isSame(as: $1) }.map(\.0)
    }
}
