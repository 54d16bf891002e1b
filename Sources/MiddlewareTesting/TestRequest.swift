import EventServer

/// A request for a test, which can be sent as often as one likes.
public struct TestRequest: Sendable, CustomStringConvertible {
    /// The method.
    public var method: String
    /// The path, and the query behind a `?`.
    public var target: String
    /// The header fields, beside Host.
    public var headers: [(name: String, value: String)]
    /// The body; none where it is `nil`.
    public var body: String?

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - target: The path, and the query behind a `?`.
    ///   - headers: The header fields, beside Host.
    ///   - body: The body; none where it is `nil`.
    public init(
        _ method: String = "GET",
        _ target: String = "/",
        headers: KeyValuePairs<String, String> = [:],
        body: String? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers.map { ($0.key, $0.value) }
        self.body = body
    }

    /// Method and target.
    public var description: String { "\(method) \(target)" }

    /// The request as a server gets it.
    func make() throws -> Request {
        let fields = headers.map { "\($0.name): \($0.value)" }
        let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        return try Request.inProcess(method, target, fields: fields + length, body: body.map { Array($0.utf8) })
    }
}
