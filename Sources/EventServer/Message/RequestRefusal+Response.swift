import HTTPTypes

/// How a refusal is told to the client.
public enum RefusalFormat: String, Sendable, CaseIterable {
    /// A line of text: the code and the reason.
    case text
    /// A problem description in JSON (RFC 9457), with the code as `code`.
    case problem
}

extension RequestRefusal {
    /// The response that the client gets.
    func makeResponse(as format: RefusalFormat) -> Response {
        switch format {
        case .text:
            return .text("\(description)\n", status: status)
        case .problem:
            // Codes and reasons are ours, and have nothing in them that would have to be escaped; a test sees to it.
            let json = """
                {"type":"about:blank","title":"\(status.reasonPhrase)","status":\(status.code),\
                "detail":"\(reason)","code":"\(code)"}

                """
            return Response(
                status: status,
                headers: [.contentType: "application/problem+json"],
                body: Array(json.utf8)
            )
        }
    }
}
