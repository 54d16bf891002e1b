import EventServer

/// A request for a test, which can be sent as often as one likes.
public struct TestRequest: Sendable, CustomStringConvertible {
    /// The method.
    public var method: String
    /// The path, and the query behind a `?`.
    public var target: String
    /// The header fields; Host is `test` where none is among them.
    public var headers: [(name: String, value: String)]
    /// The body, in bytes; none where it is `nil`.
    public var body: [UInt8]?

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - target: The path, and the query behind a `?`.
    ///   - headers: The header fields; Host is `test` where none is among them.
    ///   - body: The body; none where it is `nil`.
    public init(
        _ method: String = "GET",
        _ target: String = "/",
        headers: KeyValuePairs<String, String> = [:],
        body: String? = nil
    ) {
        self.init(method, target, headers: headers, bytes: body.map { Array($0.utf8) })
    }

    /// Creates a request with a body of bytes.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - target: The path, and the query behind a `?`.
    ///   - headers: The header fields; Host is `test` where none is among them.
    ///   - bytes: The body; none where it is `nil`.
    public init(
        _ method: String,
        _ target: String,
        headers: KeyValuePairs<String, String> = [:],
        bytes: [UInt8]?
    ) {
        self.method = method
        self.target = target
        self.headers = headers.map { ($0.key, $0.value) }
        body = bytes
    }

    /// The same request with cookies.
    ///
    /// - Parameter cookies: Their values, by name.
    /// - Returns: The request.
    public func with(cookies: [String: String]) -> TestRequest {
        guard !cookies.isEmpty else { return self }
        var request = self
        let pairs = cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        request.headers.append(("Cookie", pairs.joined(separator: "; ")))
        return request
    }

    /// Method and target.
    public var description: String { "\(method) \(target)" }

    /// The request as a server gets it.
    func make() throws -> Request { try Request.inProcess(method, target, fields: fields, body: body) }

    /// The bytes that a client sends who wants one answer only.
    var message: [UInt8] {
        let hasHost = headers.contains { $0.name.lowercased() == "host" }
        let lines =
            ["\(method) \(target) HTTP/1.1"] + (hasHost ? [] : ["Host: test"]) + ["Connection: close"] + fields
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? [])
    }

    private var fields: [String] {
        headers.map { "\($0.name): \($0.value)" } + (body.map { ["Content-Length: \($0.count)"] } ?? [])
    }
}
