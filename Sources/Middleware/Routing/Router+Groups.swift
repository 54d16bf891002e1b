extension Router {
    /// Adds routes that have a prefix, a host or middleware in common.
    ///
    /// ```swift
    /// router.group("/admin", middleware: [AdminsOnly()]) { admin in
    ///     admin.get("/users") { _, _ in .text("all users") }
    /// }
    /// ```
    ///
    /// Groups may stand in groups. The host is what the client claims, or trusted proxies tell in its place: it chooses
    /// among routes, and keeps nobody out.
    ///
    /// - Parameters:
    ///   - prefix: What the patterns begin with, such as `/admin` or `/shops/{shop}`; without a slash at its end.
    ///   - host: The host that a request must be for, without port; `*.shop.test` stands for every host below `shop.test`.
    ///   - middleware: What stands around the group, outermost first; outside of what its routes have.
    ///   - file: Where the group is declared, for errors.
    ///   - line: The line there.
    ///   - declare: Adds the routes, to a router of their own.
    /// - Throws: What `declare` throws; then nothing is added.
    public mutating func group(
        _ prefix: String = "",
        host: String? = nil,
        middleware: [any Middleware] = [],
        file: String = #fileID,
        line: Int = #line,
        _ declare: (inout Router) throws -> Void
    ) rethrows {
        var inner = Router()
        try declare(&inner)
        adopt(inner, Scope(prefix: prefix, host: host, layer: .make(middleware), place: "\(file):\(line)"))
    }

    /// Adds all routes of another router below a prefix.
    ///
    /// The handlers find the prefix in `context.basePath`, and so can be written without knowing where they stand.
    ///
    /// - Parameters:
    ///   - prefix: Where the router is mounted, such as `/shop`; without a slash at its end.
    ///   - router: The routes. What is added to it later is not seen.
    ///   - host: The host that a request must be for, as of a group.
    ///   - names: What the names of its routes get in front, so that a router can be mounted twice.
    ///   - middleware: What stands around the routes, outermost first.
    ///   - file: Where this is declared, for errors.
    ///   - line: The line there.
    public mutating func mount(
        _ prefix: String,
        _ router: Router,
        host: String? = nil,
        names: String = "",
        middleware: [any Middleware] = [],
        file: String = #fileID,
        line: Int = #line
    ) {
        var scope = Scope(prefix: prefix, host: host, layer: .make(middleware), place: "\(file):\(line)")
        scope.names = names
        scope.isMount = true
        adopt(router, scope)
    }

    /// Adds a handler that answers the prefix and all paths below it, whatever the method: a proxy, files, or another
    /// framework.
    ///
    /// It finds the prefix in `context.basePath`, and the rest of the path in `context.pathBelowBase`, which has neither dot
    /// segments nor empty ones, and no encoded slash.
    ///
    /// - Parameters:
    ///   - prefix: Where the handler is mounted, such as `/files`; without a slash at its end.
    ///   - host: The host that a request must be for, as of a group.
    ///   - place: Where the handler runs.
    ///   - middleware: What stands around it, outermost first.
    ///   - file: Where this is declared, for errors.
    ///   - line: The line there.
    ///   - handler: What answers.
    public mutating func mount(
        _ prefix: String,
        host: String? = nil,
        on place: Place = .loop,
        middleware: [any Middleware] = [],
        file: String = #fileID,
        line: Int = #line,
        _ handler: @escaping Handler
    ) {
        var inner = Router()
        inner.on(nil, "", on: place, file: file, line: line, handler)
        inner.on(nil, "/{path...}", on: place, file: file, line: line, handler)
        mount(prefix, inner, host: host, middleware: middleware, file: file, line: line)
    }

    /// What the routes of another router get in common.
    private struct Scope {
        let prefix: String
        let host: String?
        let layer: RouteLayer?
        let place: String
        var names = ""
        var isMount = false
    }

    private mutating func adopt(_ inner: Router, _ scope: Scope) {
        problems += inner.problems
        if !scope.prefix.isEmpty, !scope.prefix.hasPrefix("/") || scope.prefix.hasSuffix("/") {
            let reason = "it must begin with '/' and not end with one"
            problems.append(.invalidPrefix(scope.prefix, reason, at: scope.place))
        }
        if let host = scope.host, let reason = HostPattern.problem(in: host) {
            problems.append(.invalidHost(host, reason, at: scope.place))
        }
        for var route in inner.routes {
            if let host = scope.host {
                if let inner = route.host, inner != host.lowercased() {
                    problems.append(.invalidHost(host, "inside of it stands a route for \(inner)", at: scope.place))
                }
                route.host = host.lowercased()
            }
            route.pattern = scope.prefix + route.pattern
            route.name = route.name.map { scope.names + $0 }
            if scope.isMount || route.baseDepth > 0 {
                route.baseDepth += scope.prefix.utf8.count { $0 == UInt8(ascii: "/") }
            }
            if let layer = scope.layer { route.wrappings.insert(RouteWrapping(layer), at: 0) }
            routes.append(route)
        }
    }
}
