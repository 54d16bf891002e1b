import HTTPTypes

/// Turns a response into the bytes of an HTTP/1.1 message (RFC 9112, section 2.1).
struct ResponseEncoder {
    /// What the connection knows of the message.
    struct Framing {
        var isHead: Bool
        var closesConnection: Bool
        /// An HTTP/1.0 client knows no chunks, and has to be told that the connection stays (RFC 9112, section 9.3).
        var isOldVersion: Bool
    }

    /// How the client finds the end of the body (RFC 9112, section 6.3).
    enum Coding: Equatable {
        /// No body follows.
        case none
        case length(Int)
        case chunked
        /// The end of the connection is the end of the body.
        case untilClose
    }

    /// What was encoded.
    struct Head: Equatable {
        var coding: Coding
        var closesConnection: Bool
    }

    /// What most messages begin with, up to the value of the `Date` field.
    private let opening: [UInt8]
    private let date: String

    /// - Parameter date: The value of the `Date` field.
    init(date: String) {
        self.date = date
        var opening: [UInt8] = []
        Self.append(.ok, date, to: &opening)
        self.opening = opening
    }

    private static func append(_ status: HTTPResponse.Status, _ date: String, to output: inout [UInt8]) {
        output.append(text: "HTTP/1.1 ")
        output.append(decimal: status.code)
        output.append(ASCII.space)
        output.append(text: status.reasonPhrase)
        output.append(field: "date", date)
    }

    /// Appends the head of the message, and of its body what lies in memory.
    ///
    /// - Throws: A mistake of the handler; `output` is as it was then.
    func encode(
        _ response: Response,
        framing: Framing,
        into output: inout [UInt8]
    ) throws(ResponseFault) -> Head {
        let start = output.count
        do throws(ResponseFault) {
            return try append(response, framing: framing, to: &output)
        } catch {
            output.removeLast(output.count - start)
            throw error
        }
    }

    private func append(
        _ response: Response,
        framing: Framing,
        to output: inout [UInt8]
    ) throws(ResponseFault) -> Head {
        let code = response.status.code
        // An interim status would leave the client waiting for the final one, and others are none at all.
        guard (200...999).contains(code) else { throw .status(code) }
        // RFC 9110, section 15.3.6. With 204 and 304 a body is left out, as no framing could tell of it; this one would be sent.
        guard code != 205 || response.body.length == 0 else { throw .resetWithContent }
        if code == 200, response.status.reasonPhrase == "OK" {
            output += opening
        } else {
            Self.append(response.status, date, to: &output)
        }
        let length = response.body.length
        var claim: String?
        var closes = framing.closesConnection
        for field in response.headers.entries {
            switch field.name.canonicalName {
            case "content-length": claim = try Self.check(field.value, after: claim, of: response, framing)
            case "transfer-encoding": throw .transferEncoding
            case "connection": closes = try Self.readConnection(field.value) || closes
            case "date": break
            default:
                guard field.isRight else { throw .value(field.name.rawName) }
                output.append(field: field.name.rawName, field.value)
            }
        }
        // RFC 9110, section 8.6: no length with 204, and with 304 only that of the response that was not sent.
        let hasBody = code != 204 && code != 304
        var coding = Coding.none
        if !hasBody {
            if code == 304, let claim { output.append(field: "content-length", claim) }
        } else if let length {
            // A length has twenty figures at most, and a claim is one.
            output.append(addingCapacity: 40) { output in
                output.append(text: "\r\ncontent-length: ")
                if let claim { output.append(text: claim) } else { output.append(decimal: length) }
            }
            coding = .length(length)
        } else if framing.isOldVersion {
            coding = .untilClose
            closes = true
        } else {
            output.append(text: "\r\ntransfer-encoding: chunked")
            coding = .chunked
        }
        if closes {
            output.append(text: "\r\nconnection: close")
        } else if framing.isOldVersion {
            output.append(text: "\r\nconnection: keep-alive")
        }
        output.append(text: "\r\n\r\n")
        if framing.isHead { coding = .none }
        if case .length = coding, let bytes = response.body.bytes { output.append(contentsOf: bytes) }
        return Head(coding: coding, closesConnection: closes)
    }

    /// Checks the length that a handler claims: for what is not sent it may say any (HEAD, 304), otherwise the true one.
    private static func check(
        _ value: String,
        after earlier: String?,
        of response: Response,
        _ framing: Framing
    ) throws(ResponseFault) -> String {
        let length = response.body.length
        let isNotSent = (framing.isHead || response.status.code == 304) && length == 0
        let isPlain = !value.isEmpty && value.utf8.count < 19 && value.utf8.allSatisfy { ASCII.digit($0) != nil }
        guard isPlain, earlier == nil || earlier == value, isNotSent || Int(value) == length else {
            throw .length(value, body: length)
        }
        return value
    }

    /// Whether the handler wants the connection to close.
    private static func readConnection(_ value: String) throws(ResponseFault) -> Bool {
        switch value.lowercased() {
        case "close": true
        case "keep-alive": false
        default: throw .connection(value)
        }
    }
}

extension [UInt8] {
    mutating func append(field name: String, _ value: String) {
        let isShort = value.utf8.count <= 32
        append(addingCapacity: name.utf8.count + 4 + (isShort ? value.utf8.count : 0)) { output in
            output.append(ASCII.carriageReturn)
            output.append(ASCII.lineFeed)
            output.append(text: name)
            output.append(ASCII.colon)
            output.append(ASCII.space)
            if isShort { output.append(text: value) }
        }
        if !isShort { append(text: value) }
    }

    mutating func append(decimal number: Int) {
        if number >= 10 { append(decimal: number / 10) }
        append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    mutating func append(hexadecimal number: Int) {
        if number >= 16 { append(hexadecimal: number / 16) }
        let digit = UInt8(number % 16)
        append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
}
