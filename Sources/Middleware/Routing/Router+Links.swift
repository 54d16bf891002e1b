public import ContextPool

extension Router {
    /// Collects the routes that have names.
    ///
    /// - Returns: What makes URLs of them.
    /// - Throws: ``RouterError`` for a pattern that cannot be read, or a name that two routes have.
    public func makeLinks() throws(RouterError) -> RouteLinks { try RouteLinks(self) }

    /// Makes the URL of a route that has a name, as ``RouteLinks/url(for:_:query:)`` does.
    ///
    /// For the place where the routes are declared; a handler asks its context.
    ///
    /// - Parameters:
    ///   - name: The name of the route.
    ///   - parameters: The values of its parameters, as they are: encoding them is done here.
    ///   - query: What to put behind the `?`.
    /// - Returns: The URL, such as `/users/7?page=2`.
    /// - Throws: ``RouterError``, which says what is missing or too much, and what the start would throw.
    public func url(
        for name: String,
        _ parameters: [String: String] = [:],
        query: KeyValuePairs<String, String> = [:]
    ) throws(RouterError) -> String {
        try makeLinks().url(for: name, parameters, query: query)
    }
}

private enum LinksKey: ContextKey {
    static let name = "baton.links"
    static let defaultValue = RouteLinks()
}

extension ContextValues {
    /// What makes URLs of the application's routes; part of ``AppContext/values``.
    public var links: RouteLinks {
        get { self[LinksKey.self] }
        set { self[LinksKey.self] = newValue }
    }
}

extension RequestContext {
    /// Makes the URL of a route of the application, as ``RouteLinks/url(for:_:query:)`` does; also in a job.
    ///
    /// - Parameters:
    ///   - name: The name of the route.
    ///   - parameters: The values of its parameters, as they are: encoding them is done here.
    ///   - query: What to put behind the `?`.
    /// - Returns: The URL, such as `/users/7?page=2`.
    /// - Throws: ``RouterError``, which says what is missing or too much.
    public func url(
        for name: String,
        _ parameters: [String: String] = [:],
        query: KeyValuePairs<String, String> = [:]
    ) throws(RouterError) -> String {
        try app.values.links.url(for: name, parameters, query: query)
    }
}
