/// Makes URLs of the routes that have names.
public struct RouteLinks: Sendable {
    private var patterns: [String: RoutePattern] = [:]

    init() {}

    init(_ router: Router) throws(RouterError) {
        var problems: [RouterError] = []
        self.init(router, problems: &problems)
        if let problem = RouterError.all(problems) { throw problem }
    }

    /// - Parameters:
    ///   - router: The router.
    ///   - problems: Gets what is wrong with names and with the patterns that have some, each once.
    init(_ router: Router, problems: inout [RouterError]) {
        var routes: [String: Router.Route] = [:]
        for route in router.routes {
            guard let name = route.name else { continue }
            do throws(RouterError) {
                if let other = routes.updateValue(route, forKey: name) { throw .sameName(route, other) }
                patterns[name] = try RoutePattern(route.pattern, declaredAt: route.declaredAt)
            } catch {
                if !problems.contains(error) { problems.append(error) }
            }
        }
    }

    /// Makes the URL of a route: path and query, without a host.
    ///
    /// The router finds the route by it, and in its parameters the values.
    ///
    /// - Parameters:
    ///   - name: The name of the route.
    ///   - parameters: The values of its parameters, as they are: encoding them is done here. That of a wildcard may have
    ///     slashes.
    ///   - query: What to put behind the `?`.
    /// - Returns: The URL, such as `/users/7?page=2`.
    /// - Throws: ``RouterError``: `unknownName`, `missingParameter`, `unknownParameter`, and `invalidParameter` for a value that
    ///   is empty, a dot segment, or not of the parameter's type.
    public func url(
        for name: String,
        _ parameters: [String: String] = [:],
        query: KeyValuePairs<String, String> = [:]
    ) throws(RouterError) -> String {
        guard let pattern = patterns[name] else { throw .unknownName(name, among: patterns.keys) }
        var left = parameters
        var url = ""
        for segment in pattern.segments {
            switch segment {
            case .text(let text): url += "/\(text)"
            case .parameter(let name, let type):
                guard let value = left.removeValue(forKey: name) else { throw .missingParameter(name, of: pattern) }
                url += "/\(try Self.encode(value, type, name, of: pattern))"
            }
        }
        if let rest = pattern.rest {
            guard let value = left.removeValue(forKey: rest) else { throw .missingParameter(rest, of: pattern) }
            url += "/\(try Self.encode(rest: value, rest, of: pattern))"
        }
        if let unknown = left.keys.min() { throw .unknownParameter(unknown, of: pattern) }
        guard !query.isEmpty else { return url }
        let pairs = query.map { "\(PercentEncoding.encode($0.key))=\(PercentEncoding.encode($0.value))" }
        return "\(url)?\(pairs.joined(separator: "&"))"
    }

    private static func encode(
        _ value: String,
        _ type: ParameterType,
        _ name: String,
        of pattern: RoutePattern
    ) throws(RouterError) -> String {
        guard type.accepts(value) else {
            let reason = type == .text ? "it is empty" : "it is no \(type.rawValue)"
            throw .invalidParameter(name, of: pattern, reason)
        }
        let encoded = PercentEncoding.encode(value)
        guard encoded[...].isParameterValue else {
            throw .invalidParameter(name, of: pattern, "'.', '..' and NUL reach no route")
        }
        return encoded
    }

    private static func encode(rest value: String, _ name: String, of pattern: RoutePattern) throws(RouterError)
        -> String
    {
        let segments = value.split(separator: "/", omittingEmptySubsequences: false)
        let encoded = segments.map { PercentEncoding.encode(String($0)) }.joined(separator: "/")
        guard encoded[...].isWildcardValue else {
            let reason = "it has an empty segment, '.', '..', a backslash or NUL, by which no route is reached"
            throw .invalidParameter(name, of: pattern, reason)
        }
        return encoded
    }
}
