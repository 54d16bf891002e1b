public import EventServer

extension Request {
    /// A request as the parser reads it, without a connection.
    ///
    /// - Parameters:
    ///   - target: The target, such as `/users/7?verbose`.
    ///   - method: The method.
    ///   - fields: Whole lines of the header section, beside Host.
    ///   - body: The body, which is there already; none where it is `nil`.
    /// - Returns: The request.
    /// - Throws: Why the parser refuses it.
    public static func test(
        _ target: String = "/",
        method: String = "GET",
        fields: [String] = [],
        body: [UInt8]? = nil
    ) throws -> Request {
        try inProcess(method, target, fields: fields, body: body)
    }
}
