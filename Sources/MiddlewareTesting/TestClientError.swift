/// No whole response has come.
public struct TestClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What has happened.
    public enum Code: Sendable {
        /// There is no connection.
        case notConnected
        /// The server has said nothing for too long.
        case silence
        /// The response ends before its end: a stream that throws, or a connection that was cut.
        case brokenOff
        /// What has come is no response of HTTP/1.1.
        case notAResponse
    }

    /// What has happened.
    public let code: Code
    /// The request, what has happened and where to look, in a sentence.
    public let description: String

    private init(_ code: Code, _ request: TestRequest, _ description: String) {
        self.code = code
        self.description = "\(request): \(description)"
    }

    static func notConnected(_ request: TestRequest, _ reason: String) -> TestClientError {
        let advice = "Keep the client inside of the closure that gets it: outside, the server has stopped."
        return TestClientError(.notConnected, request, "no connection to the server (\(reason)). \(advice)")
    }

    static func silence(_ request: TestRequest, milliseconds: Int) -> TestClientError {
        let advice = "Look for a handler or middleware that waits for something that never comes."
        return TestClientError(.silence, request, "nothing has come for \(milliseconds / 1000) s. \(advice)")
    }

    static func brokenOff(_ request: TestRequest, after count: Int) -> TestClientError {
        let advice = "The body's producer has thrown, or has written less than it promised; the log may say which."
        return TestClientError(.brokenOff, request, "the response broke off after \(count) bytes. \(advice)")
    }

    static func notAResponse(_ request: TestRequest, _ text: String) -> TestClientError {
        TestClientError(.notAResponse, request, "this is no response of HTTP/1.1: \(text.prefix(80).debugDescription)")
    }
}
