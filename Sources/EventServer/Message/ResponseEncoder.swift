import HTTPTypes

/// Turns a response into the bytes of an HTTP/1.1 message (RFC 9112, section 2.1).
struct ResponseEncoder {
    /// What the message must say about itself, whatever the handler wrote.
    struct Framing {
        var isHead: Bool
        var closesConnection: Bool
        /// An HTTP/1.0 client has to be told that the connection stays (RFC 9112, section 9.3).
        var announcesKeepAlive: Bool
    }

    /// The value of the `Date` field.
    var date: String

    /// Appends the message, and returns how many bytes of body are in it.
    func encode(_ response: Response, framing: Framing, into output: inout [UInt8]) -> Int {
        // An interim status would leave the client waiting for the final one, and others are none at all.
        let status = response.status.code < 200 ? .internalServerError : response.status
        let code = status.code
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        Self.append(code, to: &output)
        output.append(ASCII.space)
        output.append(contentsOf: status.reasonPhrase.utf8)
        Self.append("date", date, to: &output)
        for field in response.headers where !Self.isReserved(field.name) {
            Self.append(field.name.rawName, field.value, to: &output)
        }
        // RFC 9110, section 8.6: not with 204, and there is nothing true to say with 304.
        let hasBody = code != 204 && code != 304
        if hasBody {
            output.append(contentsOf: "\r\ncontent-length: ".utf8)
            Self.append(response.body.count, to: &output)
        }
        if framing.closesConnection {
            output.append(contentsOf: "\r\nconnection: close".utf8)
        } else if framing.announcesKeepAlive {
            output.append(contentsOf: "\r\nconnection: keep-alive".utf8)
        }
        output.append(contentsOf: "\r\n\r\n".utf8)
        guard hasBody, !framing.isHead else { return 0 }
        output.append(contentsOf: response.body)
        return response.body.count
    }

    /// The fields that are the server's alone.
    private static func isReserved(_ name: HTTPField.Name) -> Bool {
        switch name.canonicalName {
        case "content-length", "transfer-encoding", "connection", "date": true
        default: false
        }
    }

    private static func append(_ name: String, _ value: String, to output: inout [UInt8]) {
        output.append(ASCII.carriageReturn)
        output.append(ASCII.lineFeed)
        output.append(contentsOf: name.utf8)
        output.append(ASCII.colon)
        output.append(ASCII.space)
        output.append(contentsOf: value.utf8)
    }

    private static func append(_ number: Int, to output: inout [UInt8]) {
        if number >= 10 { append(number / 10, to: &output) }
        output.append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
