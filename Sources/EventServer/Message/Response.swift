public import HTTPTypes

/// What the server sends back: a status, header fields and a body.
///
/// The fields that frame the message (`Content-Length`, `Transfer-Encoding`) are the server's, as is `Date`: leave them out. A
/// length that is wrong is never sent, nor is a value with a control character: the client gets 500, and the log says why. Of
/// `Connection` only `close` is taken.
public struct Response: Sendable {
    /// The status.
    public var status: HTTPResponse.Status

    /// The header fields, without those that frame the message.
    public var headers: ResponseFields

    /// The body; not sent in answer to HEAD, nor with a status that has none.
    public var body: ResponseBody

    /// Who waits for its end; apart, since that is what is kept of a response until it is sent.
    struct End: Sendable {
        fileprivate var callback: (@Sendable (ResponseOutcome) -> Void)?
        fileprivate var listener: (any ResponseListener)?

        func callAsFunction(_ outcome: ResponseOutcome) {
            callback?(outcome)
            listener?.responseEnded(outcome)
        }
    }

    private(set) var end = End()

    /// Creates a response.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - headers: The header fields.
    ///   - body: The body.
    public init(status: HTTPResponse.Status, headers: ResponseFields = ResponseFields(), body: ResponseBody = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Creates a response of bytes.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - headers: The header fields.
    ///   - body: The body, in bytes.
    public init(status: HTTPResponse.Status, headers: ResponseFields = ResponseFields(), body: [UInt8]) {
        self.init(status: status, headers: headers, body: .bytes(body))
    }

    // Made once: a copy costs a retain, until a step adds a field.
    private static let textFields: ResponseFields = [.contentType: "text/plain; charset=utf-8"]

    /// A response of plain text in UTF-8.
    ///
    /// - Parameters:
    ///   - text: The body.
    ///   - status: The status, 200 unless said otherwise.
    /// - Returns: The response.
    public static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: textFields, body: Array(text: text))
    }

    /// A response of HTML in UTF-8.
    ///
    /// - Parameters:
    ///   - html: The body; the caller has escaped what is not his own.
    ///   - status: The status, 200 unless said otherwise.
    /// - Returns: The response.
    public static func html(_ html: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: "text/html; charset=utf-8"], body: Array(text: html))
    }

    /// Runs `callback` once when this response has been handed to the system, or was given up because its client left.
    ///
    /// Callbacks run in the order they were added, on the connection's event loop: they must not block.
    /// Where the server stopped before the handler did, that is another thread.
    ///
    /// - Parameter callback: Receives what was sent.
    public mutating func whenSent(_ callback: @escaping @Sendable (ResponseOutcome) -> Void) {
        guard let earlier = end.callback else {
            end.callback = callback
            return
        }
        end.callback = { outcome in
            earlier(outcome)
            callback(outcome)
        }
    }

    /// Tells an object when this response has been handed to the system, or was given up; it is told last.
    ///
    /// The same as a callback, without an allocation for that.
    ///
    /// - Parameter listener: Is told once.
    package mutating func whenSent(tell listener: any ResponseListener) {
        if end.listener == nil {
            end.listener = listener
        } else {
            whenSent { listener.responseEnded($0) }
        }
    }

    /// Ends a response of which nothing was sent.
    ///
    /// - Parameters:
    ///   - ending: Why.
    ///   - bodySize: How large the body was that the client got in its place.
    func giveUp(_ ending: ResponseOutcome.Ending, bodySize: Int = 0) {
        end(ResponseOutcome(status: ending.status ?? status, bodySize: bodySize, ending: ending))
    }

    /// Another response in the place of this one, which is not sent, for those who wait for its end.
    func replaced(by other: Response) -> Response {
        var other = other
        other.end = end
        return other
    }
}
