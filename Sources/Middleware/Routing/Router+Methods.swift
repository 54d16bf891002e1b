import HTTPTypes

extension Router {
    /// Adds a route for GET, which answers HEAD, too.
    ///
    /// - Parameters:
    ///   - pattern: The path, as ``RoutePattern`` reads it.
    ///   - name: What URLs are made by.
    ///   - place: Where the handler runs.
    ///   - middleware: What stands around this route alone, outermost first.
    ///   - file: Where the route is declared, for errors and listings.
    ///   - line: The line there.
    ///   - handler: What answers.
    public mutating func get(
        _ pattern: String,
        name: String? = nil,
        on place: Place = .loop,
        middleware: [any Middleware] = [],
        file: String = #fileID,
        line: Int = #line,
        _ handler: @escaping Handler
    ) {
        on(.get, pattern, name: name, on: place, middleware: middleware, file: file, line: line, handler)
    }

    /// Adds a route for POST.
    ///
    /// - Parameters:
    ///   - pattern: The path, as ``RoutePattern`` reads it.
    ///   - name: What URLs are made by.
    ///   - place: Where the handler runs.
    ///   - middleware: What stands around this route alone, outermost first.
    ///   - file: Where the route is declared, for errors and listings.
    ///   - line: The line there.
    ///   - handler: What answers.
    public mutating func post(
        _ pattern: String,
        name: String? = nil,
        on place: Place = .loop,
        middleware: [any Middleware] = [],
        file: String = #fileID,
        line: Int = #line,
        _ handler: @escaping Handler
    ) {
        on(.post, pattern, name: name, on: place, middleware: middleware, file: file, line: line, handler)
    }

    /// Adds a route for PUT.
    ///
    /// - Parameters:
    ///   - pattern: The path, as ``RoutePattern`` reads it.
    ///   - name: What URLs are made by.
    ///   - place: Where the handler runs.
    ///   - middleware: What stands around this route alone, outermost first.
    ///   - file: Where the route is declared, for errors and listings.
    ///   - line: The line there.
    ///   - handler: What answers.
    public mutating func put(
        _ pattern: String,
        name: String? = nil,
        on place: Place = .loop,
        middleware: [any Middleware] = [],
        file: String = #fileID,
        line: Int = #line,
        _ handler: @escaping Handler
    ) {
        on(.put, pattern, name: name, on: place, middleware: middleware, file: file, line: line, handler)
    }

    /// Adds a route for PATCH.
    ///
    /// - Parameters:
    ///   - pattern: The path, as ``RoutePattern`` reads it.
    ///   - name: What URLs are made by.
    ///   - place: Where the handler runs.
    ///   - middleware: What stands around this route alone, outermost first.
    ///   - file: Where the route is declared, for errors and listings.
    ///   - line: The line there.
    ///   - handler: What answers.
    public mutating func patch(
        _ pattern: String,
        name: String? = nil,
        on place: Place = .loop,
        middleware: [any Middleware] = [],
        file: String = #fileID,
        line: Int = #line,
        _ handler: @escaping Handler
    ) {
        on(.patch, pattern, name: name, on: place, middleware: middleware, file: file, line: line, handler)
    }

    /// Adds a route for DELETE.
    ///
    /// - Parameters:
    ///   - pattern: The path, as ``RoutePattern`` reads it.
    ///   - name: What URLs are made by.
    ///   - place: Where the handler runs.
    ///   - middleware: What stands around this route alone, outermost first.
    ///   - file: Where the route is declared, for errors and listings.
    ///   - line: The line there.
    ///   - handler: What answers.
    public mutating func delete(
        _ pattern: String,
        name: String? = nil,
        on place: Place = .loop,
        middleware: [any Middleware] = [],
        file: String = #fileID,
        line: Int = #line,
        _ handler: @escaping Handler
    ) {
        on(.delete, pattern, name: name, on: place, middleware: middleware, file: file, line: line, handler)
    }
}
