public import HTTPTypes

/// What the server sends back: a status, header fields and a body.
///
/// The fields that frame the message (`Content-Length`, `Transfer-Encoding`, `Connection`) are the server's: it always sends
/// the ones that are true, and leaves out what a handler wrote there.
public struct Response: Sendable {
    /// The status.
    public var status: HTTPResponse.Status

    /// The header fields, without those that frame the message.
    public var headers: HTTPFields

    /// The body; not sent in answer to HEAD, nor with a status that has none.
    public var body: [UInt8]

    private var callback: (@Sendable (ResponseOutcome) -> Void)?

    /// Creates a response.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - headers: The header fields.
    ///   - body: The body, in bytes.
    public init(status: HTTPResponse.Status, headers: HTTPFields = HTTPFields(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A response of plain text in UTF-8.
    ///
    /// - Parameters:
    ///   - text: The body.
    ///   - status: The status, 200 unless said otherwise.
    /// - Returns: The response.
    public static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: "text/plain; charset=utf-8"], body: Array(text.utf8))
    }

    /// A response of HTML in UTF-8.
    ///
    /// - Parameters:
    ///   - html: The body; the caller has escaped what is not his own.
    ///   - status: The status, 200 unless said otherwise.
    /// - Returns: The response.
    public static func html(_ html: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: "text/html; charset=utf-8"], body: Array(html.utf8))
    }

    /// Runs `callback` once when this response has been handed to the system, or was given up because its client left.
    ///
    /// Callbacks run in the order they were added, on the connection's event loop: they must not block.
    /// Where the server stopped before the handler did, that is another thread.
    ///
    /// - Parameter callback: Receives what was sent.
    public mutating func whenSent(_ callback: @escaping @Sendable (ResponseOutcome) -> Void) {
        guard let earlier = self.callback else {
            self.callback = callback
            return
        }
        self.callback = { outcome in
            earlier(outcome)
            callback(outcome)
        }
    }

    /// Ends a response that cannot be sent any more.
    func giveUp() { end(ResponseOutcome(status: status, bodySize: 0, isDelivered: false)) }

    func end(_ outcome: ResponseOutcome) { callback?(outcome) }
}

/// What became of a response.
public struct ResponseOutcome: Sendable, Equatable {
    /// The status that was sent, or would have been.
    public let status: HTTPResponse.Status

    /// How many bytes of body were meant for the client; 0 in answer to HEAD.
    public let bodySize: Int

    /// Whether all of it was handed to the system; `false` where the client had left.
    public let isDelivered: Bool
}
