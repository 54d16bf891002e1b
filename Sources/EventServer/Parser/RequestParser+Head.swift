import HTTPTypes

/// What is known of a head while its lines are read.
///
/// Of texts it has the places, counted from the beginning of the head, and it is not copied: what it held was copied twice for 500
/// instructions.
struct RequestHeadDraft: ~Copyable {
    /// Empty where the target is absolute and has none.
    var path = 0..<0
    var query: Range<Int>?
    var authority = 0..<0
    var isOldVersion = false
    var framing = RequestHead.Framing.none
    var closes = false
    var keepsAlive = false
    var expectsContinue = false
    var fieldCount = 0
    var firstFields = RequestHead.FirstFields(repeating: FieldPlace())
    var otherFields: [FieldPlace] = []
    var hasHost = false
    var hasEncoding = false
    /// A coding other than `chunked` was named.
    var hasOtherEncoding = false

    mutating func add(_ field: FieldPlace) {
        if fieldCount < firstFields.count { firstFields[fieldCount] = field } else { otherFields.append(field) }
        fieldCount += 1
    }
}

extension Range<Int> {
    /// The same places, counted from `base`.
    func counted(from base: Int) -> Range { (lowerBound - base)..<(upperBound - base) }
}

extension RequestParser {
    /// Reads a header section; every line in `range` ends with CRLF.
    func readHead(_ input: Span<UInt8>, _ range: Range<Int>) throws(RequestRefusal) -> RequestHead {
        var draft = RequestHeadDraft()
        let base = range.lowerBound
        var end = max(base, (input.firstIndex(of: ASCII.lineFeed, in: range) ?? range.upperBound) - 1)
        let method = try readRequestLine(input, base..<end, into: &draft)
        while end + 2 < range.upperBound {
            guard draft.fieldCount < limits.fieldCount else { throw .tooManyFields }
            let field: RequestHead.Field
            (field, end) = try Self.readField(input, (end + 2)..<range.upperBound)
            try Self.interpret(input, field, from: base, into: &draft)
            draft.add(FieldPlace(field, from: base))
        }
        if !draft.hasHost, !draft.isOldVersion { throw .hostMissing }
        if draft.hasEncoding {
            guard !draft.isOldVersion else { throw .encodingInOldVersion }
            guard draft.framing == .chunked else { throw .encodingInvalid }
            guard !draft.hasOtherEncoding else { throw .encodingUnsupported }
        }
        return RequestHead(draft, method: method, bytes: input.bytes(in: range))
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
        let colon = input.end(in: range, of: \.letterCount, or: ASCII.isToken)
        guard colon > range.lowerBound else {
            throw !range.isEmpty && ASCII.isBlank(input[colon]) ? .folding : .fieldName
        }
        guard colon < range.upperBound, input[colon] == ASCII.colon else { throw .fieldName }
        var start = colon + 1
        while start < range.upperBound, ASCII.isBlank(input[start]) { start += 1 }
        // The end of the line is the first byte that is no part of a value, so that each byte is looked at once.
        let end = input.end(in: start..<range.upperBound, of: \.fieldValueCount, or: ASCII.isFieldValue)
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
        from base: Int,
        into draft: inout RequestHeadDraft
    ) throws(RequestRefusal) {
        // Four lengths, so that most fields cost one comparison of a count.
        switch field.name.count {
        case 4 where Keyword.host.matches(input, in: field.name):
            guard !draft.hasHost else { throw .hostDuplicate }
            draft.hasHost = true
            try checkAuthority(input, field.value)
            if draft.authority.isEmpty { draft.authority = field.value.counted(from: base) }
        case 6 where Keyword.expect.matches(input, in: field.name):
            guard Keyword.hundredContinue.matches(input, in: field.value) else { throw .expectation }
            draft.expectsContinue = !draft.isOldVersion
        case 10 where Keyword.connection.matches(input, in: field.name):
            forEachToken(input, field.value) { token in
                if Keyword.close.matches(input, in: token) { draft.closes = true }
                if Keyword.keepAlive.matches(input, in: token) { draft.keepsAlive = true }
            }
        case 14 where Keyword.contentLength.matches(input, in: field.name):
            guard !draft.hasEncoding else { throw .lengthWithEncoding }
            switch draft.framing {
            case .none: draft.framing = .length(try readLength(input, field.value))
            case .length, .chunked: throw .lengthDuplicate
            }
        case 17 where Keyword.transferEncoding.matches(input, in: field.name):
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
            if Keyword.chunked.matches(input, in: coding) {
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
    func bytes(in range: Range<Int>) -> [UInt8] {
        // Not `init(capacity:)`, which has the type of the array's storage looked up each time, with 300 instructions.
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: range.count) { $0.append(bytes: extracting(range)) }
        return bytes
    }
}
