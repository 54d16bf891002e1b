public import EventServer

/// The query of a request: decoded into a type, as fields, or by a single name.
///
/// ```swift
/// struct Page: Decodable { var number: Int?, topics: [String] }
/// let page = try request.query.decode(Page.self)
/// let number = request.query["number"]
/// ```
///
/// It holds the text as it was sent, and takes it apart at each call.
public struct RequestQuery: Sendable {
    private let text: Substring.UTF8View

    fileprivate init(_ text: String) { self.text = text[...].utf8 }

    /// Decodes the parameters into a flat type of one's own, as ``FormFields/decode(_:)`` does for a form.
    ///
    /// - Parameters:
    ///   - type: The type.
    ///   - countLimit: How many parameters there may be.
    /// - Returns: The value.
    /// - Throws: ``ContentError`` with 400: `invalidValue`, which names the parameter, `malformed` where one is not percent-encoded
    ///   UTF-8, `tooMany` beyond the limit. Another error for a type that no query can fill.
    public func decode<Value: Decodable>(
        _ type: Value.Type,
        countLimit: Int = FormFields.defaultCountLimit
    ) throws -> Value {
        try fields(countLimit: countLimit).decode(type)
    }

    /// All parameters, decoded, in their order.
    ///
    /// - Parameter countLimit: How many there may be.
    /// - Returns: The parameters; none where there is no query.
    /// - Throws: ``ContentError``: `malformed` where one is not percent-encoded UTF-8, `tooMany` beyond the limit.
    public func fields(countLimit: Int = FormFields.defaultCountLimit) throws(ContentError) -> FormFields {
        try FormFields(encoded: text, source: .query, countLimit: countLimit)
    }

    /// The first value with this name, decoded, without reading all others; empty for `?name` without a `=`.
    ///
    /// It is `nil` where the parameter is not there, and also where its encoding is broken: who must tell these apart takes
    /// ``fields(countLimit:)``.
    ///
    /// - Parameter name: The name, decoded.
    public subscript(_ name: String) -> String? { FormPairs(text).first { $0.name == name }?.value }
}

extension Request {
    /// The parameters of the query; none where there is no query.
    ///
    /// The text as it was sent is ``queryString``.
    public var query: RequestQuery { RequestQuery(queryString ?? "") }
}
