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
        opening = [UInt8](capacity: Self.openingSize(.ok, date)) { Self.appendOpening(.ok, date, to: &$0) }
    }

    private static func openingSize(_ status: HTTPResponse.Status, _ date: String) -> Int {
        // A status has three figures.
        21 + status.reasonPhrase.utf8.count + date.utf8.count
    }

    private static func appendOpening(
        _ status: HTTPResponse.Status,
        _ date: String,
        to output: inout OutputSpan<UInt8>
    ) {
        output.append(text: "HTTP/1.1 ")
        output.append(decimal: status.code)
        output.append(ASCII.space)
        output.append(text: status.reasonPhrase)
        output.append(field: "date", date)
    }

    /// Appends the head of the message, and of its body what lies in memory.
    ///
    /// - Throws: A mistake of the handler; nothing was appended then.
    func encode(
        _ response: Response,
        framing: Framing,
        into output: inout [UInt8]
    ) throws(ResponseFault) -> Head {
        // Not all of the response, which the closure below would copy: 250 instructions.
        let status = response.status
        let code = status.code
        // An interim status would leave the client waiting for the final one, and others are none at all.
        guard (200...999).contains(code) else { throw .status(code) }
        // RFC 9110, section 15.3.6. With 204 and 304 a body is left out, as no framing could tell of it; this one would be sent.
        guard code != 205 || response.body.length == 0 else { throw .resetWithContent }
        let fields = response.headers.entries.span
        var fieldSize = 0
        var claim: String?
        var closes = framing.closesConnection
        for index in fields.indices {
            switch fields[index].role {
            case .contentLength: claim = try Self.check(fields[index].value, after: claim, of: response, framing)
            case .transferEncoding: throw .transferEncoding
            case .connection: closes = try Self.readConnection(fields[index].value) || closes
            case .date: break
            case .other:
                guard fields[index].isRight else { throw .value(fields[index].name.rawName) }
                fieldSize += 4 + fields[index].name.rawName.utf8.count + fields[index].value.utf8.count
            }
        }
        var coding = Self.coding(of: response, isOldVersion: framing.isOldVersion)
        if coding == .untilClose { closes = true }
        let isOK = code == 200 && status.reasonPhrase == "OK"
        let openingSize = isOK ? opening.count : Self.openingSize(status, date)
        let body = framing.isHead || coding == .none ? [] : response.body.bytes ?? []
        // Room for all of it, since each question for room costs as much as a field: the fields that frame take 94 bytes at most.
        output.append(addingCapacity: openingSize + fieldSize + 94 + body.count) { output in
            if isOK {
                output.append(bytes: opening.span)
            } else {
                Self.appendOpening(status, date, to: &output)
            }
            for index in fields.indices where fields[index].role == .other {
                output.append(field: fields[index].name.rawName, fields[index].value)
            }
            switch coding {
            case .none:
                // RFC 9110, section 8.6: no length with 204, and with 304 only that of the response that was not sent.
                if code == 304, let claim { output.append(field: "content-length", claim) }
            case .length(let length):
                output.append(text: "\r\ncontent-length: ")
                if let claim { output.append(text: claim) } else { output.append(decimal: length) }
            case .chunked: output.append(text: "\r\ntransfer-encoding: chunked")
            case .untilClose: break
            }
            if closes {
                output.append(text: "\r\nconnection: close")
            } else if framing.isOldVersion {
                output.append(text: "\r\nconnection: keep-alive")
            }
            output.append(text: "\r\n\r\n")
            output.append(bytes: body.span)
        }
        if framing.isHead { coding = .none }
        return Head(coding: coding, closesConnection: closes)
    }

    private static func coding(of response: Response, isOldVersion: Bool) -> Coding {
        guard response.status.code != 204, response.status.code != 304 else { return .none }
        if let length = response.body.length { return .length(length) }
        return isOldVersion ? .untilClose : .chunked
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

extension OutputSpan<UInt8> {
    /// Appends the end of a line and a field, for which there must be room: four bytes more than name and value have.
    fileprivate mutating func append(field name: String, _ value: String) {
        append(ASCII.carriageReturn)
        append(ASCII.lineFeed)
        append(text: name)
        append(ASCII.colon)
        append(ASCII.space)
        append(text: value)
    }
}

extension [UInt8] {
    mutating func append(field name: String, _ value: String) {
        append(addingCapacity: name.utf8.count + 4 + value.utf8.count) { $0.append(field: name, value) }
    }

    mutating func append(hexadecimal number: Int) {
        if number >= 16 { append(hexadecimal: number / 16) }
        let digit = UInt8(number % 16)
        append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
}
