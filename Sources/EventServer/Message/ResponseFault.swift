/// A response that would break the rules of HTTP, and is not sent for that reason.
///
/// It is a mistake of the handler's: the client gets 500, the log gets the reason.
struct ResponseFault: Error, Equatable, CustomStringConvertible {
    let description: String

    static func status(_ code: Int) -> ResponseFault {
        ResponseFault(description: "The status \(code) is no final one. Answer with a status from 200 to 999.")
    }

    static let resetWithContent = ResponseFault(
        description: "A response with the status 205 has no content. Leave its body out, or answer with 200."
    )

    static func length(_ claim: String, body: Int?) -> ResponseFault {
        let truth = body.map { "the body has \($0) bytes" } ?? "the length of the body is not known"
        return ResponseFault(
            description: """
                Content-Length says \(claim), but \(truth). Leave the field out: the server sends the true one.
                """
        )
    }

    static func value(_ name: String) -> ResponseFault {
        ResponseFault(
            description:
                "The value of \(name) has a control character in it (RFC 9110, section 5.5). Encode it, or leave it out."
        )
    }

    static let transferEncoding = ResponseFault(
        description: "The response has a Transfer-Encoding. Leave it out: the server chooses the one it sends."
    )

    static func connection(_ value: String) -> ResponseFault {
        ResponseFault(
            description: """
                The response has the field "Connection: \(value)". Only "close" can be asked for; the rest is the server's.
                """
        )
    }

    static func trailer(_ name: String) -> ResponseFault {
        ResponseFault(
            description: "\(name) may not stand behind a body (RFC 9110, section 6.5.1). Send it as a header field."
        )
    }

    static func shortStream(promised: Int, written: Int) -> ResponseFault {
        ResponseFault(
            description: """
                The stream had promised \(promised) bytes and ended after \(written). Write them all, or make it without a \
                length.
                """
        )
    }

    static let fileShrank = ResponseFault(
        description: """
            A file became shorter while it was sent. Replace files by renaming new ones, instead of rewriting them.
            """
    )
}
