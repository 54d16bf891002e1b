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
/// Text is preferred to a parameter: `/users/me` wins over `/users/{id}`, which answers the methods that the first leaves.
/// A path that only other methods answer gets 405 with `Allow`, an unknown one 404. HEAD is answered by the GET route,
/// OPTIONS from the list of methods.
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
    /// One route.
    public struct Route: Sendable {
        /// The method it answers, or `nil` for all.
        public let method: HTTPRequest.Method?
        /// The paths it answers.
        public let pattern: String
        /// Where its handler runs.
        public let place: Place
        let handler: Handler
    }

    /// Where a handler runs.
    public enum Place: Sendable {
        /// On the event loop of the connection: at once, without a hop, as long as the handler never blocks.
        case loop
        /// On the workers of the application's pool, where it may block; also what follows its awaits.
        ///
        /// It is the same request and the same task: context, `onResponse`, task-locals and cancellation are as on the loop. A
        /// place in the pool's queue is taken like that of a job, and a request that finds none gets 503 with `Retry-After`.
        case pool
    }

    /// All routes, in the order of their registration.
    public private(set) var routes: [Route] = []

    /// A router without routes.
    public init() {}

    /// Adds a route.
    ///
    /// That its pattern is valid and collides with no other is checked when the application starts.
    ///
    /// - Parameters:
    ///   - method: The method, or `nil` for all.
    ///   - pattern: The path, with `{name}` for parameters.
    ///   - place: Where the handler runs.
    ///   - handler: What answers.
    public mutating func on(
        _ method: HTTPRequest.Method?,
        _ pattern: String,
        on place: Place = .loop,
        _ handler: @escaping Handler
    ) {
        routes.append(Route(method: method, pattern: pattern, place: place, handler: place.running(handler)))
    }

    /// Adds a route for GET, which answers HEAD, too.
    ///
    /// - Parameters:
    ///   - pattern: The path, with `{name}` for parameters.
    ///   - place: Where the handler runs.
    ///   - handler: What answers.
    public mutating func get(_ pattern: String, on place: Place = .loop, _ handler: @escaping Handler) {
        on(.get, pattern, on: place, handler)
    }

    /// Adds a route for POST.
    ///
    /// - Parameters:
    ///   - pattern: The path, with `{name}` for parameters.
    ///   - place: Where the handler runs.
    ///   - handler: What answers.
    public mutating func post(_ pattern: String, on place: Place = .loop, _ handler: @escaping Handler) {
        on(.post, pattern, on: place, handler)
    }

    /// Adds a route for PUT.
    ///
    /// - Parameters:
    ///   - pattern: The path, with `{name}` for parameters.
    ///   - place: Where the handler runs.
    ///   - handler: What answers.
    public mutating func put(_ pattern: String, on place: Place = .loop, _ handler: @escaping Handler) {
        on(.put, pattern, on: place, handler)
    }

    /// Adds a route for PATCH.
    ///
    /// - Parameters:
    ///   - pattern: The path, with `{name}` for parameters.
    ///   - place: Where the handler runs.
    ///   - handler: What answers.
    public mutating func patch(_ pattern: String, on place: Place = .loop, _ handler: @escaping Handler) {
        on(.patch, pattern, on: place, handler)
    }

    /// Adds a route for DELETE.
    ///
    /// - Parameters:
    ///   - pattern: The path, with `{name}` for parameters.
    ///   - place: Where the handler runs.
    ///   - handler: What answers.
    public mutating func delete(_ pattern: String, on place: Place = .loop, _ handler: @escaping Handler) {
        on(.delete, pattern, on: place, handler)
    }

    /// Puts a chain around the routes with a pattern.
    package mutating func wrap(pattern: String, in chain: MiddlewareChain) {
        for (index, route) in routes.enumerated() where route.pattern == pattern {
            routes[index] = Route(
                method: route.method,
                pattern: pattern,
                place: route.place,
                handler: chain.handler(endingIn: route.handler)
            )
        }
    }

    /// Checks all routes, and makes the handler that answers by them.
    ///
    /// - Returns: The handler, for the end of a chain.
    /// - Throws: ``RouterError`` for a pattern that cannot be read, or two routes that answer the same requests.
    public func makeHandler() throws(RouterError) -> Handler {
        let table = try RouteTable(routes)
        return { request, context in try await table.respond(to: request, in: context) }
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
