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
public struct Router: Sendable {
    /// One route.
    public struct Route: Sendable {
        /// The method it answers, or `nil` for all.
        public let method: HTTPRequest.Method?
        /// The paths it answers.
        public let pattern: String
        let handler: Handler
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
    ///   - handler: What answers.
    public mutating func on(_ method: HTTPRequest.Method?, _ pattern: String, _ handler: @escaping Handler) {
        routes.append(Route(method: method, pattern: pattern, handler: handler))
    }

    /// Adds a route for GET, which answers HEAD, too.
    ///
    /// - Parameters:
    ///   - pattern: The path, with `{name}` for parameters.
    ///   - handler: What answers.
    public mutating func get(_ pattern: String, _ handler: @escaping Handler) { on(.get, pattern, handler) }

    /// Adds a route for POST.
    ///
    /// - Parameters:
    ///   - pattern: The path, with `{name}` for parameters.
    ///   - handler: What answers.
    public mutating func post(_ pattern: String, _ handler: @escaping Handler) { on(.post, pattern, handler) }

    /// Adds a route for PUT.
    ///
    /// - Parameters:
    ///   - pattern: The path, with `{name}` for parameters.
    ///   - handler: What answers.
    public mutating func put(_ pattern: String, _ handler: @escaping Handler) { on(.put, pattern, handler) }

    /// Adds a route for PATCH.
    ///
    /// - Parameters:
    ///   - pattern: The path, with `{name}` for parameters.
    ///   - handler: What answers.
    public mutating func patch(_ pattern: String, _ handler: @escaping Handler) { on(.patch, pattern, handler) }

    /// Adds a route for DELETE.
    ///
    /// - Parameters:
    ///   - pattern: The path, with `{name}` for parameters.
    ///   - handler: What answers.
    public mutating func delete(_ pattern: String, _ handler: @escaping Handler) { on(.delete, pattern, handler) }

    /// Checks all routes, and makes the handler that answers by them.
    ///
    /// - Returns: The handler, for the end of a chain.
    /// - Throws: ``RouterError`` for a pattern that cannot be read, or two routes that answer the same requests.
    public func makeHandler() throws(RouterError) -> Handler {
        let table = try RouteTable(routes)
        return { request, context in try await table.respond(to: request, in: context) }
    }
}
