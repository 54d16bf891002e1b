public import ContextPool
public import EventServer
import HTTPTypes

/// `errors`: tells clients of errors as they like it: a page for browsers, a problem description (RFC 9457) for programs.
///
/// It is for what is thrown behind it in the chain, so it stands near the outside. What is nobody's business but the
/// operator's goes to the log, as without it. A response that a handler makes itself stays as it is.
public struct ErrorsMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "errors"

    /// Creates the middleware.
    ///
    /// - Parameter options: None.
    public init(options: NoOptions) {}

    /// Goes on, and makes a response of an error.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest, or that of its error.
    /// - Throws: Nothing that a client could bring about.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        do {
            return try await next(request, in: context)
        } catch {
            var response = ErrorResponse.make(for: error, request: request, logger: context.logger)
            // A caller that made its response of another kind had a reason.
            guard let text = Self.plainText(of: response) else { return response }
            let problem = Problem(response.status, saying: text, requestID: context.g.requestID)
            if Self.wantsPage(request) {
                response.body = .bytes(Array(problem.page.utf8))
                response.headers[.contentType] = "text/html; charset=utf-8"
            } else {
                response.body = try Response.json(problem).body
                response.headers[.contentType] = "application/problem+json"
            }
            response.vary(on: "Accept")
            return response
        }
    }

    private static func plainText(of response: Response) -> String? {
        guard response.headers[.contentType]?.hasPrefix("text/plain") == true, let bytes = response.body.bytes else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func wantsPage(_ request: Request) -> Bool {
        let accepted = Preferences(request.headerValues(.accept))
        let page = accepted.weight(of: "text/html", "text/*", "*/*") ?? 0
        let json = max(
            accepted.weight(of: "application/problem+json", "application/*", "*/*") ?? 0,
            accepted.weight(of: "application/json") ?? 0
        )
        return page > json
    }
}

/// An error in the words that a client gets.
private struct Problem: Encodable {
    let type = "about:blank"
    let title: String
    let status: Int
    let detail: String?
    let requestId: String?

    /// The plain text of an error begins with its status, which a page and a description have in a place of their own.
    init(_ status: HTTPResponse.Status, saying text: String, requestID: String?) {
        var detail = text[...]
        while detail.last?.isNewline == true { detail.removeLast() }
        if detail.hasPrefix("\(status)") { detail = detail.dropFirst("\(status)".count) }
        if detail.hasPrefix(": ") { detail = detail.dropFirst(2) }
        title = status.reasonPhrase.isEmpty ? "Error" : status.reasonPhrase
        self.status = status.code
        self.detail = detail.isEmpty ? nil : String(detail)
        requestId = requestID
    }

    var page: String {
        let paragraphs = [
            detail.map { "<p>\(Self.escaped($0))</p>" },
            requestId.map { "<p><small>Request \(Self.escaped($0))</small></p>" },
        ]
        return """
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><title>\(status) \(Self.escaped(title))</title></head>
            <body>
            <h1>\(status) \(Self.escaped(title))</h1>
            \(paragraphs.compactMap { $0 }.joined(separator: "\n"))
            </body>
            </html>

            """
    }

    private static func escaped(_ text: String) -> String {
        var html = ""
        // By scalars: by characters, a bracket before a combining stroke would be none.
        for character in text.unicodeScalars {
            switch character {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\"": html += "&quot;"
            case "'": html += "&#39;"
            default: html.unicodeScalars.append(character)
            }
        }
        return html
    }
}
