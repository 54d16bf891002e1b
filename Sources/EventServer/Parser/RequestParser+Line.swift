import HTTPTypes

extension RequestParser {
    /// `method SP request-target SP HTTP-version` (RFC 9112, section 3), with single spaces only.
    func readRequestLine(
        _ input: Span<UInt8>,
        _ line: Range<Int>,
        into draft: inout RequestHeadDraft
    ) throws(RequestRefusal) -> HTTPRequest.Method {
        let methodEnd = input.end(in: line, of: \.letterCount, or: ASCII.isToken)
        guard methodEnd > line.lowerBound else { throw .method }
        guard methodEnd < line.upperBound, input[methodEnd] == ASCII.space else { throw .requestLine }
        let method = Self.method(input, line.lowerBound..<methodEnd)
        guard let method else { throw .methodTooLong }

        let targetEnd = input.end(in: (methodEnd + 1)..<line.upperBound, of: \.targetCount, or: ASCII.isTarget)
        let target = (methodEnd + 1)..<targetEnd
        guard target.count <= limits.target else { throw .targetTooLong }
        guard !target.isEmpty, targetEnd < line.upperBound else { throw .requestLine }
        guard input[targetEnd] == ASCII.space else {
            throw input[targetEnd] == ASCII.carriageReturn ? .bareCR : .target
        }

        draft.isOldVersion = try Self.readVersion(input, (targetEnd + 1)..<line.upperBound)
        try Self.readTarget(input, target, method: method, from: line.lowerBound, into: &draft)
        return method
    }

    /// The method, without a new string for those that everybody uses.
    private static func method(_ input: Span<UInt8>, _ range: Range<Int>) -> HTTPRequest.Method? {
        switch input.word(from: range.lowerBound, to: range.upperBound) {
        case get: .get
        case put: .put
        case post: .post
        case head: .head
        case patch: .patch
        case delete: .delete
        case options: .options
        default: range.count <= 32 ? HTTPRequest.Method(input.text(in: range)) : nil
        }
    }

    /// `HTTP/` DIGIT `.` DIGIT; whether it is 1.0.
    private static func readVersion(_ input: Span<UInt8>, _ range: Range<Int>) throws(RequestRefusal) -> Bool {
        guard range.count == 8 else { throw .version }
        let start = range.lowerBound
        switch input.word(at: start) {
        case newVersion: return false
        case oldVersion: return true
        default: break
        }
        let isVersion =
            Self.word("HTTP/") == input.word(from: start, to: start + 5) && ASCII.digit(input[start + 5]) != nil
            && input[start + 6] == UInt8(ascii: ".") && ASCII.digit(input[start + 7]) != nil
        throw isVersion ? .versionUnsupported : .version
    }

    // Words, since they are compared as a whole; a text takes ten instructions for each character.
    private static let get = word("GET")
    private static let put = word("PUT")
    private static let post = word("POST")
    private static let head = word("HEAD")
    private static let patch = word("PATCH")
    private static let delete = word("DELETE")
    private static let options = word("OPTIONS")
    private static let newVersion = word("HTTP/1.1")
    private static let oldVersion = word("HTTP/1.0")
    private static let http = Keyword("http://")
    private static let https = Keyword("https://")

    private static func word(_ text: String) -> UInt64 { Array(text.utf8).span.word(from: 0, to: text.utf8.count) }

    /// Origin form, absolute form, or `*` (RFC 9112, section 3.2).
    private static func readTarget(
        _ input: Span<UInt8>,
        _ target: Range<Int>,
        method: HTTPRequest.Method,
        from base: Int,
        into draft: inout RequestHeadDraft
    ) throws(RequestRefusal) {
        if method == .connect { throw .connect }
        if target.count == 1, input[target.lowerBound] == UInt8(ascii: "*") {
            guard method == .options else { throw .target }
            draft.path = target.counted(from: base)
            return
        }
        var path = target
        if input[target.lowerBound] != ASCII.slash {
            let isPlain = http.begins(input, in: target)
            guard isPlain || https.begins(input, in: target) else { throw .target }
            let start = target.lowerBound + (isPlain ? http : https).count
            var end = start
            while end < target.upperBound, input[end] != ASCII.slash, input[end] != ASCII.questionMark { end += 1 }
            try checkAuthority(input, start..<end)
            guard end > start else { throw .target }
            draft.authority = (start..<end).counted(from: base)
            // RFC 9110, section 7.4. Gateways that end TLS in front of this server send the origin form.
            guard isPlain else { throw .scheme }
            path = end..<target.upperBound
        }
        var pathEnd = path.lowerBound
        while pathEnd < path.upperBound, input[pathEnd] != ASCII.questionMark { pathEnd += 1 }
        draft.path = (path.lowerBound..<pathEnd).counted(from: base)
        if pathEnd < path.upperBound { draft.query = ((pathEnd + 1)..<path.upperBound).counted(from: base) }
    }
}
