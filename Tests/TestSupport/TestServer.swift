public import EventServer
import Logging

/// A real server on a free port of this machine, with a closure for a responder.
public struct TestServer: Sendable {
    /// The server.
    public let server: HTTPServer
    /// The port that it listens on.
    public let port: Int
    /// What it has logged.
    public let logs: LogRecorder

    private struct ClosureResponder: Responder {
        let answer: @Sendable (Request) async -> Response

        func respond(to request: Request) async -> Response { await answer(request) }
    }

    /// Serves while `body` runs, and then stops.
    ///
    /// - Parameters:
    ///   - observer: Is told what happens.
    ///   - configure: Changes the configuration; the port is a free one, whatever it says.
    ///   - answer: What answers the requests.
    ///   - body: The test.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, or what the server does at its start.
    public static func run<Result: Sendable>(
        observer: (any ServerObserver)? = nil,
        configure: (inout ServerConfiguration) -> Void = { _ in },
        answer: @escaping @Sendable (Request) async -> Response = { _ in .text("ok") },
        _ body: @escaping @Sendable (TestServer) async throws -> Result
    ) async throws -> Result {
        var configuration = ServerConfiguration()
        configuration.loops = 2
        configure(&configuration)
        configuration.port = 0
        let logs = LogRecorder()
        let server = HTTPServer(
            configuration: configuration,
            responder: ClosureResponder(answer: answer),
            logger: logs.makeLogger(),
            observer: observer
        )
        let address = try server.bind()
        let running = Task { try await server.run() }
        do {
            let result = try await body(TestServer(server: server, port: address.port, logs: logs))
            running.cancel()
            try await running.value
            return result
        } catch {
            running.cancel()
            try await running.value
            throw error
        }
    }

    /// Serves with the configuration as it is while `body` runs, and then stops.
    ///
    /// - Parameters:
    ///   - answer: What answers the requests.
    ///   - body: The test.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, or what the server does at its start.
    public static func answering<Result: Sendable>(
        _ answer: @escaping @Sendable (Request) async -> Response,
        during body: @escaping @Sendable (TestServer) async throws -> Result
    ) async throws -> Result {
        try await run(answer: answer, body)
    }

    /// Opens a connection on a thread of its own, and talks over it.
    ///
    /// - Parameter talk: Sends and receives; it may block.
    /// - Returns: What `talk` returns.
    /// - Throws: What `talk` throws.
    public func connect<Result: Sendable>(
        _ talk: @escaping @Sendable (RawConnection) throws -> Result
    ) async throws -> Result {
        try await onThread { try talk(RawConnection(port: port)) }
    }

    /// Sends one text over a connection of its own, and receives one response.
    ///
    /// - Parameter text: What to send.
    /// - Returns: The response.
    /// - Throws: `RawConnection.Failure`.
    public func exchange(_ text: String) async throws -> RawResponse {
        try await connect { connection in
            try connection.send(text)
            return try connection.receiveResponse()
        }
    }
}
