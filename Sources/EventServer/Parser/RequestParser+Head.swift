import HTTPTypes

/// What is known of a head while its lines are read.
struct RequestHeadDraft {
    var path = ""
    var query: String?
    var authority = ""
    var isOldVersion = false
    var framing = RequestHead.Framing.none
    var closes = false
    var keepsAlive = false
    var expectsContinue = false
    var fields: [RequestHead.Field] = []
    var hasHost = false
    var hasEncoding = false
    /// A coding other than `chunked` was named.
    var hasOtherEncoding = false
}

extension RequestParser {
    /// Reads a header section; every line in `range` ends with CRLF.
    func readHead(_ input: Span<UInt8>, _ range: Range<Int>) throws(RequestRefusal) -> RequestHead {
        var draft = RequestHeadDraft()
        // What most clients send: an array that grows by doubling would be made anew three times.
        draft.fields.reserveCapacity(min(limits.fieldCount, 12))
        var end = Self.endOfLine(input, from: range.lowerBound)
        let method = try readRequestLine(input, range.lowerBound..<end, into: &draft)
        let base = end + 2
        while end + 2 < range.upperBound {
            guard draft.fields.count < limits.fieldCount else { throw .tooManyFields }
            let field: RequestHead.Field
            (field, end) = try Self.readField(input, (end + 2)..<range.upperBound)
            try Self.interpret(input, field, into: &draft)
            draft.fields.append(
                RequestHead.Field(
                    name: (field.name.lowerBound - base)..<(field.name.upperBound - base),
                    value: (field.value.lowerBound - base)..<(field.value.upperBound - base)
                )
            )
        }
        if !draft.hasHost, !draft.isOldVersion { throw .hostMissing }
        if draft.hasEncoding {
            guard !draft.isOldVersion else { throw .encodingInOldVersion }
            guard draft.framing == .chunked else { throw .encodingInvalid }
            guard !draft.hasOtherEncoding else { throw .encodingUnsupported }
        }
        return RequestHead(draft, method: method, bytes: input.bytes(in: base..<max(base, range.upperBound)))
    }

    private static func endOfLine(_ input: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end + 1 < input.count, input[end + 1] != ASCII.lineFeed { end += 1 }
        return end
    }

    /// `field-name ":" OWS field-value OWS` (RFC 9112, section 5).
    ///
    /// - Parameters:
    ///   - input: The bytes.
    ///   - range: Begins with the field, which ends with it or with the first CRLF inside.
    /// - Returns: The field, and where it ends.
    /// - Throws: Why it is none.
    static func readField(
        _ input: Span<UInt8>,
        _ range: Range<Int>
    ) throws(RequestRefusal) -> (field: RequestHead.Field, end: Int) {
        var colon = range.lowerBound
        while colon < range.upperBound, ASCII.isToken(input[colon]) { colon += 1 }
        guard colon > range.lowerBound else {
            throw !range.isEmpty && ASCII.isBlank(input[colon]) ? .folding : .fieldName
        }
        guard colon < range.upperBound, input[colon] == ASCII.colon else { throw .fieldName }
        var start = colon + 1
        while start < range.upperBound, ASCII.isBlank(input[start]) { start += 1 }
        // The end of the line is the first byte that is no part of a value, so that each byte is looked at once.
        var end = start
        while end < range.upperBound, ASCII.isFieldValue(input[end]) { end += 1 }
        if end < range.upperBound {
            guard input[end] == ASCII.carriageReturn else { throw .fieldValue }
            guard end + 1 < range.upperBound, input[end + 1] == ASCII.lineFeed else { throw .bareCR }
        }
        var valueEnd = end
        while valueEnd > start, ASCII.isBlank(input[valueEnd - 1]) { valueEnd -= 1 }
        return (RequestHead.Field(name: range.lowerBound..<colon, value: start..<valueEnd), end)
    }

    /// Acts on the fields that decide about framing and the connection.
    private static func interpret(
        _ input: Span<UInt8>,
        _ field: RequestHead.Field,
        into draft: inout RequestHeadDraft
    ) throws(RequestRefusal) {
        // Four lengths, so that most fields cost one comparison of a count.
        switch field.name.count {
        case 4 where input.equals("host", in: field.name):
            guard !draft.hasHost else { throw .hostDuplicate }
            draft.hasHost = true
            let host = try readAuthority(input, field.value)
            if draft.authority.isEmpty { draft.authority = host }
        case 6 where input.equals("expect", in: field.name):
            guard input.equals("100-continue", in: field.value) else { throw .expectation }
            draft.expectsContinue = !draft.isOldVersion
        case 10 where input.equals("connection", in: field.name):
            forEachToken(input, field.value) { token in
                if input.equals("close", in: token) { draft.closes = true }
                if input.equals("keep-alive", in: token) { draft.keepsAlive = true }
            }
        case 14 where input.equals("content-length", in: field.name):
            guard !draft.hasEncoding else { throw .lengthWithEncoding }
            switch draft.framing {
            case .none: draft.framing = .length(try readLength(input, field.value))
            case .length, .chunked: throw .lengthDuplicate
            }
        case 17 where input.equals("transfer-encoding", in: field.name):
            guard draft.hasEncoding || draft.framing == .none else { throw .lengthWithEncoding }
            draft.hasEncoding = true
            try readEncodings(input, field.value, into: &draft)
        default:
            break
        }
    }

    /// The codings in their order over all fields; `chunked` ends them, and stands alone in its element (RFC 9112, section 6.1).
    ///
    /// Empty elements, which lists may have elsewhere, are refused: what is not understood by everybody hides a coding.
    private static func readEncodings(
        _ input: Span<UInt8>,
        _ range: Range<Int>,
        into draft: inout RequestHeadDraft
    ) throws(RequestRefusal) {
        var start = range.lowerBound
        while true {
            var comma = start
            while comma < range.upperBound, input[comma] != ASCII.comma { comma += 1 }
            let coding = trimmed(input, start..<comma)
            guard draft.framing == .none, let first = coding.first, ASCII.isToken(input[first]) else {
                throw .encodingInvalid
            }
            if input.equals("chunked", in: coding) {
                draft.framing = .chunked
            } else {
                draft.hasOtherEncoding = true
            }
            guard comma < range.upperBound else { return }
            start = comma + 1
        }
    }

    private static func readLength(_ input: Span<UInt8>, _ range: Range<Int>) throws(RequestRefusal) -> UInt64 {
        guard !range.isEmpty else { throw .lengthInvalid }
        var length: UInt64 = 0
        for index in range {
            guard let digit = ASCII.digit(input[index]) else {
                throw input[index] == ASCII.comma ? .lengthDuplicate : .lengthInvalid
            }
            let (tenfold, isTooLarge) = length.multipliedReportingOverflow(by: 10)
            let (sum, isStillTooLarge) = tenfold.addingReportingOverflow(digit)
            guard !isTooLarge, !isStillTooLarge else { throw .lengthInvalid }
            length = sum
        }
        return length
    }

    private static func forEachToken(_ input: Span<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        while start < range.upperBound {
            var end = start
            while end < range.upperBound, input[end] != ASCII.comma { end += 1 }
            body(trimmed(input, start..<end))
            start = end + 1
        }
    }

    /// The range without the blanks at its ends.
    private static func trimmed(_ input: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var range = range
        while let first = range.first, ASCII.isBlank(input[first]) { range = (first + 1)..<range.upperBound }
        while let last = range.last, ASCII.isBlank(input[last]) { range = range.lowerBound..<last }
        return range
    }
}

extension Span<UInt8> {
    /// Whether the bytes begin with this text, which must be in lower case, whatever their case is.
    func starts(with text: String, in range: Range<Int>) -> Bool {
        let count = text.utf8.count
        return range.count >= count && equals(text, in: range.lowerBound..<(range.lowerBound + count))
    }

    /// Whether the bytes are this text, which must be in lower case, whatever their case is.
    func equals(_ text: String, in range: Range<Int>) -> Bool {
        let text = text.utf8.span
        guard text.count == range.count else { return false }
        for index in text.indices where ASCII.lowercased(self[range.lowerBound + index]) != text[index] { return false }
        return true
    }

    func bytes(in range: Range<Int>) -> [UInt8] {
        // Not `init(capacity:)`, which has the type of the array's storage looked up each time, with 300 instructions.
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: range.count) { $0.append(bytes: extracting(range)) }
        return bytes
    }

    func text(in range: Range<Int>) -> String {
        // Without an array in between, as long as it is UTF-8.
        if let text = try? UTF8Span(validating: extracting(range)) { return String(copying: text) }
        return String(decoding: bytes(in: range), as: UTF8.self)
    }
}
