import HTTPTypes

extension RequestParser {
    /// `method SP request-target SP HTTP-version` (RFC 9112, section 3), with single spaces only.
    func readRequestLine(
        _ input: Span<UInt8>,
        _ line: Range<Int>,
        into draft: inout RequestHeadDraft
    ) throws(RequestRefusal) -> HTTPRequest.Method {
        var methodEnd = line.lowerBound
        while methodEnd < line.upperBound, ASCII.isToken(input[methodEnd]) { methodEnd += 1 }
        guard methodEnd > line.lowerBound else { throw .method }
        guard methodEnd < line.upperBound, input[methodEnd] == ASCII.space else { throw .requestLine }
        let method = Self.method(input, line.lowerBound..<methodEnd)
        guard let method else { throw .methodTooLong }

        var targetEnd = methodEnd + 1
        while targetEnd < line.upperBound, ASCII.isTarget(input[targetEnd]) { targetEnd += 1 }
        let target = (methodEnd + 1)..<targetEnd
        guard target.count <= limits.target else { throw .targetTooLong }
        guard !target.isEmpty, targetEnd < line.upperBound else { throw .requestLine }
        guard input[targetEnd] == ASCII.space else {
            throw input[targetEnd] == ASCII.carriageReturn ? .bareCR : .target
        }

        draft.isOldVersion = try Self.readVersion(input, (targetEnd + 1)..<line.upperBound)
        try Self.readTarget(input, target, method: method, into: &draft)
        return method
    }

    /// The method, without a new string for those that everybody uses.
    private static func method(_ input: Span<UInt8>, _ range: Range<Int>) -> HTTPRequest.Method? {
        func matches(_ text: String) -> Bool {
            let text = text.utf8.span
            return text.indices.allSatisfy { text[$0] == input[range.lowerBound + $0] }
        }
        switch range.count {
        case 3 where matches("GET"): return .get
        case 3 where matches("PUT"): return .put
        case 4 where matches("POST"): return .post
        case 4 where matches("HEAD"): return .head
        case 5 where matches("PATCH"): return .patch
        case 6 where matches("DELETE"): return .delete
        case 7 where matches("OPTIONS"): return .options
        case ...32: return HTTPRequest.Method(input.text(in: range))
        default: return nil
        }
    }

    /// `HTTP/` DIGIT `.` DIGIT; whether it is 1.0.
    private static func readVersion(_ input: Span<UInt8>, _ range: Range<Int>) throws(RequestRefusal) -> Bool {
        guard range.count == 8 else { throw .version }
        let start = range.lowerBound
        // One by one: in this place alone it is as short as a loop.
        guard input[start] == UInt8(ascii: "H"), input[start + 1] == UInt8(ascii: "T"),
            input[start + 2] == UInt8(ascii: "T"), input[start + 3] == UInt8(ascii: "P"),
            input[start + 4] == ASCII.slash
        else { throw .version }
        guard let major = ASCII.digit(input[start + 5]), let minor = ASCII.digit(input[start + 7]),
            input[start + 6] == UInt8(ascii: ".")
        else { throw .version }
        guard major == 1, minor <= 1 else { throw .versionUnsupported }
        return minor == 0
    }

    private enum Scheme: CaseIterable {
        case http
        case https

        var prefix: String {
            switch self {
            case .http: "http://"
            case .https: "https://"
            }
        }
    }

    /// Origin form, absolute form, or `*` (RFC 9112, section 3.2).
    private static func readTarget(
        _ input: Span<UInt8>,
        _ target: Range<Int>,
        method: HTTPRequest.Method,
        into draft: inout RequestHeadDraft
    ) throws(RequestRefusal) {
        if method == .connect { throw .connect }
        if target.count == 1, input[target.lowerBound] == UInt8(ascii: "*") {
            guard method == .options else { throw .target }
            draft.path = "*"
            return
        }
        var path = target
        if input[target.lowerBound] != ASCII.slash {
            let scheme = Scheme.allCases.first { input.starts(with: $0.prefix, in: target) }
            guard let scheme else { throw .target }
            let start = target.lowerBound + scheme.prefix.utf8.count
            var end = start
            while end < target.upperBound, input[end] != ASCII.slash, input[end] != ASCII.questionMark { end += 1 }
            draft.authority = try readAuthority(input, start..<end)
            guard !draft.authority.isEmpty else { throw .target }
            // RFC 9110, section 7.4. Gateways that end TLS in front of this server send the origin form.
            guard scheme == .http else { throw .scheme }
            path = end..<target.upperBound
        }
        var pathEnd = path.lowerBound
        while pathEnd < path.upperBound, input[pathEnd] != ASCII.questionMark { pathEnd += 1 }
        // An absolute target may have no path, which means the root.
        draft.path = pathEnd == path.lowerBound ? "/" : input.text(in: path.lowerBound..<pathEnd)
        if pathEnd < path.upperBound { draft.query = input.text(in: (pathEnd + 1)..<path.upperBound) }
    }
}
