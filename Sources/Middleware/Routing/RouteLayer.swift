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
    func handler(endingIn inner: @escaping Handler) -> Handler {
        let chained = MiddlewareChain(layer.steps).handler(endingIn: inner)
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
    func handler(endingIn handler: @escaping Handler) -> Handler {
        // Not `reduce`, as in a chain.
        var wrapped = handler
        for wrapping in reversed() { wrapped = wrapping.handler(endingIn: wrapped) }
        return wrapped
    }

    /// What both begin with.
    func common(with other: [RouteWrapping]) -> [RouteWrapping] {
        zip(self, other).prefix { $0.isSame(as: $1) }.map(\.0)
    }
}
