public import ContextPool
import EventServer
import HTTPTypes

/// The parts of a path that stood at the places of `{name}`, percent-decoded.
public struct RouteParameters: Sendable {
    private var values: [(name: String, value: String)] = []

    init() {}

    mutating func append(_ name: String, _ value: String) { values.append((name, value)) }

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
        guard let text = self[name] else {
            throw HTTPError(.internalServerError, "The route has no parameter called \"\(name)\".")
        }
        guard let value = Value(text) else {
            throw HTTPError(.badRequest, "The path parameter \"\(name)\" must be of type \(type).")
        }
        return value
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

    /// The pattern of the route that answers, such as `/users/{id}`; `nil` before the router, and where no route matches.
    ///
    /// What logs and measurements go by, since paths are without number. It may be read from any thread, also while the
    /// handler runs, and is there in the teardown and in jobs.
    public var route: String? { request?.route }
}
