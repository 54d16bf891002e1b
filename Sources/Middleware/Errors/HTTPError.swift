public import EventServer
public import HTTPTypes

/// An error that knows which response it becomes.
///
/// Make your own error types conform, and throw them from handlers and middleware.
public protocol HTTPResponseError: Error {
    /// The response that the client gets. It must tell nothing that is not for him.
    func makeResponse() -> Response
}

/// An error with a status and a message for the client: `throw HTTPError(.notFound, "There is no user 7.")`.
public struct HTTPError: HTTPResponseError, Sendable, Equatable, CustomStringConvertible {
    /// The status.
    public var status: HTTPResponse.Status

    /// What the client is told; the name of the status where it is empty.
    public var message: String

    /// Further fields of the response, such as `Allow`; a `Content-Type` says what the message is, which is text otherwise.
    public var headers: ResponseFields

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - message: What the client is told.
    ///   - headers: Further fields of the response.
    public init(_ status: HTTPResponse.Status, _ message: String = "", headers: ResponseFields = ResponseFields()) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    /// Status and message.
    public var description: String { message.isEmpty ? "\(status)" : "\(status): \(message)" }

    /// The message as plain text, with the status and the fields.
    ///
    /// - Returns: The response.
    public func makeResponse() -> Response {
        var response = Response.text("\(description)\n", status: status)
        // A field that the error brings stands in the place of one that text has.
        response.headers.removeAll { headers.contains($0.name) }
        response.headers.append(contentsOf: headers)
        return response
    }
}
