public import ContextPool
import EventServer
import HTTPTypes

/// The parts of a path that stood at the places of `{name}`, percent-decoded.
public struct RouteParameters: Sendable {
    private var values: [(name: String, value: String)] = []

    /// The part of the path where the route's router is mounted, as it was sent.
    private(set) var basePath = ""

    init() {}

    /// Takes the values out of a path; `nil` where it does not have the pattern.
    init?(of path: String, _ pattern: RoutePattern, baseDepth: Int) {
        var segments = PathSegments(path[...])
        for (depth, wanted) in pattern.segments.enumerated() {
            guard let segment = segments.next() else { return nil }
            if depth + 1 == baseDepth { basePath = String(path[..<segment.endIndex]) }
            guard case .parameter(let name, _) = wanted else { continue }
            guard let value = segment.parameterValue else { return nil }
            values.append((name, value))
        }
        guard let name = pattern.rest else { return }
        guard let value = segments.rest?.wildcardValue else { return nil }
        values.append((name, value))
    }

    /// The value of a parameter, or `nil` where the route has none of this name.
    public subscript(_ name: String) -> String? { values.first { $0.name == name }?.value }

    /// The value of a parameter, as what it should be.
    ///
    /// - Parameters:
    ///   - name: The name in the pattern.
    ///   - type: What to read it as, such as `Int.self`.
    /// - Returns: The value.
    /// - Throws: ``HTTPError`` with 400 where the client's text is no such value, and with 500 where the route has no such
    ///   parameter.
    public func require<Value: LosslessStringConvertible>(
        _ name: String,
        as type: Value.Type = String.self
    ) throws(HTTPError) -> Value {
        guard let text = self[name] else { throw Self.unknown(name) }
        guard let value = Value(text) else {
            throw HTTPError(.badRequest, "The path parameter \"\(name)\" must be of type \(type).")
        }
        return value
    }

    fileprivate static func unknown(_ name: String) -> HTTPError {
        HTTPError(.internalServerError, "The route has no parameter called \"\(name)\".")
    }
}

extension RouteParameters {
    /// Decodes the parameters into a flat type of one's own, as ``FormFields/decode(_:)`` does for a form.
    ///
    /// ```swift
    /// struct Place: Decodable { var shop: String, item: Int }
    /// let place = try context.parameters.decode(Place.self)
    /// ```
    ///
    /// - Parameter type: The type.
    /// - Returns: The value.
    /// - Throws: ``ContentError`` with 400, which names the parameter; ``HTTPError`` with 500 where the route has no such
    ///   parameter; another error for a type that parameters cannot fill.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        var fields = FormFields(source: .path)
        for (name, value) in values { fields.append(name, value) }
        do {
            return try fields.decode(type)
        } catch let error as ContentError {
            guard let name = error.field, self[name] == nil else { throw error }
            throw Self.unknown(name)
        }
    }
}

private enum ParametersKey: ContextKey {
    static let name = "baton.parameters"
    static let defaultValue = RouteParameters()
}

extension ContextValues {
    var parameters: RouteParameters {
        get { self[ParametersKey.self] }
        set { self[ParametersKey.self] = newValue }
    }
}

extension RequestContext {
    /// The parameters of the route's path; empty where it has none.
    public var parameters: RouteParameters { g.parameters }

    /// The part of the path where the route's router or handler is mounted, as it was sent, such as `/shop`; empty where it is
    /// not mounted.
    public var basePath: String { g.parameters.basePath }

    /// The part of the path behind ``basePath``, as it was sent: empty, or beginning with a slash.
    public var pathBelowBase: String { (request?.path).map { String($0.dropFirst(basePath.count)) } ?? "" }

    /// The pattern of the route that answers, such as `/users/{id}`; `nil` before the router, and where no route matches.
    ///
    /// What logs and measurements go by, since paths are without number. It may be read from any thread, also while the
    /// handler runs, and is there in the teardown and in jobs.
    public var route: String? { request?.route }
}
