import Foundation
public import HTTPTypes

/// A response, as a client gets it.
public struct TestResponse: Sendable, Equatable, CustomStringConvertible {
    /// The status.
    public var status: HTTPResponse.Status
    /// The header fields, with those that frame the message.
    public var headers: HTTPFields
    /// The body, without any coding of the transfer; of a stream, all of it.
    public var body: [UInt8]
    /// The fields behind a streamed body.
    public var trailers: HTTPFields

    init(status: HTTPResponse.Status, headers: HTTPFields, body: [UInt8], trailers: HTTPFields) {
        self.status = status
        self.headers = headers
        self.body = body
        self.trailers = trailers
    }

    /// The body as text in UTF-8; what is none is replaced by U+FFFD.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The values of the cookies that it sets, by name; one that is deleted has the value that it is deleted with.
    public var cookies: [String: String] {
        var cookies: [String: String] = [:]
        for field in headers[values: .setCookie] {
            let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { continue }
            cookies[pair[0].trimmingCharacters(in: .whitespaces)] = pair[1].trimmingCharacters(in: .whitespaces)
        }
        return cookies
    }

    /// Decodes the body from JSON.
    ///
    /// - Parameter type: What to decode.
    /// - Returns: The value.
    /// - Throws: `DecodingError`.
    public func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body))
    }

    /// Status and body, for the output of a failed test.
    public var description: String { "\(status): \(text)" }
}
