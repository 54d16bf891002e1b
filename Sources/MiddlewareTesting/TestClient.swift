import ContextPool
import EventServer

/// Sends requests to an application that is tested; `Application.test(_:_:)` makes it.
///
/// Each request is one of its own: no cookie is kept, no redirect followed, nothing decompressed, so that a test sees what was sent.
/// Streamed responses are collected to their end. It may be used by several tasks at once.
public struct TestClient: Sendable {
    enum Peer: Sendable {
        case exchange(InProcessExchange)
        case server(SocketAddress)
    }

    /// For how long a server may say nothing, in milliseconds.
    private static let patience: Int32 = 20_000

    private let peer: Peer

    init(to peer: Peer) { self.peer = peer }

    /// Whether there is a socket between this client and the application.
    public var depth: TestDepth {
        switch peer {
        case .exchange: .inProcess
        case .server: .overSocket
        }
    }

    /// Sends a request, and waits for the whole response.
    ///
    /// - Parameter request: The request.
    /// - Returns: The response; one that tells of an error is a response, too.
    /// - Throws: ``TestClientError`` where no whole response comes.
    public func send(_ request: TestRequest) async throws(TestClientError) -> TestResponse {
        let bytes: [UInt8]
        switch peer {
        case .exchange(let exchange):
            bytes = await EventLoopThread.standingIn { await exchange.answer(to: request.message) }
        case .server(let address): bytes = try await Self.send(request, to: address)
        }
        return try TestResponse(bytes, to: request)
    }

    private static func send(
        _ request: TestRequest,
        to address: SocketAddress
    ) async throws(TestClientError) -> [UInt8] {
        let message = request.message
        do {
            // The two threads of Swift's own pool are the tests'.
            let thread = try ContextThread.start(name: "test-client") {
                try ClientSocket.exchange(message, with: address, patience: patience)
            }
            return try await thread.value
        } catch ClientSocket.Failure.silence(let milliseconds) {
            throw .silence(request, milliseconds: Int(milliseconds))
        } catch {
            throw .notConnected(request, "\(error)")
        }
    }

    /// Sends GET.
    ///
    /// - Parameters:
    ///   - target: The path, and the query behind a `?`.
    ///   - headers: The header fields; Host is `test` where none is among them.
    ///   - cookies: The values of cookies, by name.
    /// - Returns: The response.
    /// - Throws: ``TestClientError``, as ``send(_:)`` does.
    public func get(
        _ target: String,
        headers: KeyValuePairs<String, String> = [:],
        cookies: [String: String] = [:]
    ) async throws(TestClientError) -> TestResponse {
        try await send(TestRequest("GET", target, headers: headers).with(cookies: cookies))
    }

    /// Sends POST.
    ///
    /// - Parameters:
    ///   - target: The path, and the query behind a `?`.
    ///   - body: The body; its type is one of the headers.
    ///   - headers: The header fields; Host is `test` where none is among them.
    ///   - cookies: The values of cookies, by name.
    /// - Returns: The response.
    /// - Throws: ``TestClientError``, as ``send(_:)`` does.
    public func post(
        _ target: String,
        body: String,
        headers: KeyValuePairs<String, String> = [:],
        cookies: [String: String] = [:]
    ) async throws(TestClientError) -> TestResponse {
        try await send(TestRequest("POST", target, headers: headers, body: body).with(cookies: cookies))
    }
}
