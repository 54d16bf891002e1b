public import EventServer

extension Request {
    /// Decodes the parameters of the query into a flat type of one's own, as ``FormFields/decode(_:)`` does for a form.
    ///
    /// ```swift
    /// struct Page: Decodable { var number: Int?, topics: [String] }
    /// let page = try request.query(Page.self)
    /// ```
    ///
    /// - Parameters:
    ///   - type: The type.
    ///   - countLimit: How many parameters there may be.
    /// - Returns: The value.
    /// - Throws: ``ContentError`` with 400: `invalidValue`, which names the parameter, `malformed` where one is not percent-encoded
    ///   UTF-8, `tooMany` beyond the limit. Another error for a type that no query can fill.
    public func query<Value: Decodable>(
        _ type: Value.Type,
        countLimit: Int = FormFields.defaultCountLimit
    ) throws -> Value {
        try queryFields(countLimit: countLimit).decode(type)
    }
}
