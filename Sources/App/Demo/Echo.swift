import Baton

/// Any method on `/echo`: answers the body; for GET, the request as JSON.
enum Echo {
    static func respond(to request: Request, in context: RequestContext) async throws -> Response {
        guard request.method != .get, request.method != .head else { return try .json(Description(request, context)) }
        let body = try await request.body.collect()
        let contentType = request.header(.contentType) ?? "application/octet-stream"
        return Response(status: .ok, headers: [.contentType: contentType], body: body)
    }

    private struct Description: Encodable {
        var method: String
        var path: String
        var query: String?
        var host: String
        var client: String
        var requestID: String?
        var headers: [String: String]

        init(_ request: Request, _ context: RequestContext) {
            method = request.method.rawValue
            path = request.path
            query = request.queryString
            host = request.authority
            client = request.clientAddress.host
            requestID = context.g.requestID
            headers = [:]
            for field in request.headers {
                let name = field.name.canonicalName
                headers[name] = headers[name].map { "\($0), \(field.value)" } ?? field.value
            }
        }
    }
}
