import ContextPool
public import HTTPTypes

/// The routes of an application.
///
/// ```swift
/// app.router.get("/users/{id}") { request, context in
///     let id = try context.parameters.require("id", as: Int.self)
///     return .text("user \(id)")
/// }
/// ```
///
/// Segment by segment, text is preferred to a parameter with a type, that to one without, and that to a wildcard:
/// `/users/me` wins over `/users/{id}`, which answers the methods that the first leaves. A path that only other methods answer
/// gets 405 with `Allow`, an unknown one 404. HEAD is answered by the GET route, OPTIONS from the list of methods.
///
/// A path has one spelling: `/%75sers` is not `/users`, and reaches no route that has a parameter in that place either. Paths
/// with dot segments reach none at all.
///
/// A handler runs on the event loop of its connection, and must not block it. One that has to, because it computes for long
/// or calls what blocks, is put on the application's pool as a whole:
///
/// ```swift
/// app.router.get("/thumbnail/{id}", on: .pool) { request, context in
///     .html(try Thumbnails.render(context.parameters.require("id")))
/// }
/// ```
public struct Router: Sendable {
    /// Where a handler runs.
    public enum Place: Sendable {
        /// On the event loop of the connection: at once, without a hop, as long as the handler never blocks.
        case loop
        /// On the workers of the application's pool, where it may block; also what follows its awaits.
        ///
        /// It is the same request and the same task: context, `onResponse`, task-locals and cancellation are as on the loop. A
        /// place in the pool's queue is taken like that of a job, and a request that finds none gets 503 with `Retry-After`.
        /// Middleware of the route runs on the loop.
        case pool
    }

    /// All routes, in the order of their registration.
    public internal(set) var routes: [Route] = []

    /// What becomes of a path that only with another slash at its end has a route.
    ///
    /// Of a router that is mounted or filled as a group, the outermost one's counts.
    public var trailingSlash = TrailingSlash.strict

    /// What is wrong already, to be thrown when the application starts.
    var problems: [RouterError] = []

    /// A router without routes.
    public init() {}

    /// Adds a route.
    ///
    /// That its pattern is valid and collides with no other is checked when the application starts.
    ///
    /// - Parameters:
    ///   - method: The method, or `nil` for all.
    ///   - pattern: The path, as ``RoutePattern`` reads it; empty for the prefix of a group or a mount itself.
    ///   - name: What URLs are made by; see ``url(for:_:query:)``.
    ///   - place: Where the handler runs.
    ///   - middleware: What stands around this route alone, outermost first.
    ///   - file: Where the route is declared, for errors and listings.
    ///   - line: The line there.
    ///   - handler: What answers.
    public mutating func on(
        _ method: HTTPRequest.Method?,
        _ pattern: String,
        name: String? = nil,
        on place: Place = .loop,
        middleware: [any Middleware] = [],
        file: String = #fileID,
        line: Int = #line,
        _ handler: @escaping Handler
    ) {
        routes.append(
            Route(
                method: method,
                pattern: pattern,
                name: name,
                place: place,
                declaredAt: "\(file):\(line)",
                handler: place.running(handler),
                wrappings: RouteLayer.make(middleware).map { [RouteWrapping($0)] } ?? []
            )
        )
    }

    /// Checks all routes, and arranges them for looking up.
    ///
    /// - Returns: The table.
    /// - Throws: ``RouterError`` for patterns that cannot be read, and routes that answer the same requests or have the same name:
    ///   with a line for each.
    public func makeTable() throws(RouterError) -> RouteTable { try RouteTable(self, observedBy: nil) }

    /// Checks all routes, and makes the handler that answers by them.
    ///
    /// All chains are built here: a request passes those of its route without a look-up or an allocation for them.
    ///
    /// - Returns: The handler, for the end of a chain.
    /// - Throws: ``RouterError``, as ``makeTable()`` does.
    public func makeHandler() throws(RouterError) -> Handler { try makeWay(observedBy: nil).handler }

    /// The same, with an observer of the steps of all routes and of their handlers.
    package func makeWay(observedBy observer: (any StepObserver)?) throws(RouterError) -> Next {
        Next(try RouteTable(self, observedBy: observer))
    }
}

extension Router.Place {
    /// The handler, moved to this place.
    fileprivate func running(_ handler: @escaping Handler) -> Handler {
        switch self {
        case .loop: handler
        case .pool: { request, context in try await context.pool.run { try await handler(request, context) } }
        }
    }
}
