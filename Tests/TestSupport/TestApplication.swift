public import Baton

/// A real application, made of a configuration text, on a free port of this machine.
public struct TestApplication: Sendable {
    /// The port that it listens on.
    public let port: Int
    /// What it has logged.
    public let logs: LogRecorder

    /// Serves while `body` runs, and then stops.
    ///
    /// - Parameters:
    ///   - yaml: The configuration; host and port are this machine's and a free one, whatever it says.
    ///   - environment: The variables that win over it.
    ///   - configure: Adds routes and middleware.
    ///   - body: The test.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, or what the application does at its start.
    public static func run<Result: Sendable>(
        yaml: String = "",
        environment: [String: String] = [:],
        configure: (inout Application) throws -> Void,
        _ body: @escaping @Sendable (TestApplication) async throws -> Result
    ) async throws -> Result {
        let logs = LogRecorder()
        var app = try await Application(
            yaml: yaml,
            options: ["server.port": "0", "server.host": "127.0.0.1"],
            environment: environment,
            logger: logs.makeLogger(provider: .requestContext)
        )
        try configure(&app)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let application = app
        let running = Task {
            defer { port.finish() }
            try await application.run { launch in port.yield(launch.address.port) }
        }
        var iterator = ports.makeAsyncIterator()
        guard let bound = await iterator.next() else {
            try await running.value
            throw RawConnection.Failure(description: "the application ended before it was ready")
        }
        do {
            let result = try await body(TestApplication(port: bound, logs: logs))
            running.cancel()
            try? await running.value
            return result
        } catch {
            running.cancel()
            try? await running.value
            throw error
        }
    }

    /// Sends one request over a connection of its own.
    ///
    /// - Parameters:
    ///   - line: Method and target, such as `GET /hello`.
    ///   - headers: Header fields beside Host.
    ///   - body: The body; its length is sent along.
    /// - Returns: The response.
    /// - Throws: `RawConnection.Failure`.
    public func request(
        _ line: String,
        headers: [String: String] = [:],
        body: String = ""
    ) async throws -> RawResponse {
        var text = "\(line) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
        if !body.isEmpty { text += "Content-Length: \(body.utf8.count)\r\n" }
        let message = text + "\r\n" + body
        return try await onThread {
            let connection = try RawConnection(port: port)
            try connection.send(message)
            return try connection.receiveResponse(toHead: line.hasPrefix("HEAD "))
        }
    }
}
