/// A path with places for parameters: `/users/{id}/orders`.
///
/// A segment is text, or `{name}`, which stands for any one segment that is not empty, or `{name:int}` or `{name:uuid}`, which
/// stands for such a segment alone. `{name...}` at the end stands for all that follows, which may be nothing. A slash at the
/// end counts: `/users` and `/users/` are two paths.
public struct RoutePattern: Sendable, Hashable, CustomStringConvertible {
    enum Segment: Sendable, Hashable {
        case text(String)
        case parameter(String, ParameterType)
    }

    /// The pattern as it was written.
    public let description: String

    /// All segments but a wildcard.
    let segments: [Segment]

    /// The name of the wildcard at the end.
    let rest: String?

    /// Reads a pattern.
    ///
    /// - Parameter text: The pattern.
    /// - Throws: ``RouterError`` with the code `invalidPattern`, which says what is wrong.
    public init(_ text: String) throws(RouterError) { try self.init(text, declaredAt: nil) }

    init(_ text: String, declaredAt place: String?) throws(RouterError) {
        guard text.hasPrefix("/") else { throw .invalidPattern(text, "it must begin with '/'", at: place) }
        guard text.isRequestPath else {
            let reason = "no path of a request has blanks, '?', '#' or letters beyond ASCII: percent-encode them"
            throw .invalidPattern(text, reason, at: place)
        }
        var segments: [Segment] = []
        var rest: String?
        var names: Set<String> = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard rest == nil else { throw .invalidPattern(text, "nothing can stand behind a wildcard", at: place) }
            switch try Self.read(part, of: text, at: place) {
            case .text(let part): segments.append(.text(part))
            case .parameter(let name, let type):
                guard names.insert(name).inserted else { throw .twice(name, in: text, at: place) }
                segments.append(.parameter(name, type))
            case .rest(let name):
                guard names.insert(name).inserted else { throw .twice(name, in: text, at: place) }
                rest = name
            }
        }
        self.segments = segments
        self.rest = rest
        description = text
    }

    var hasParameters: Bool {
        rest != nil || segments.contains { if case .parameter = $0 { true } else { false } }
    }

    private enum Part {
        case text(String)
        case parameter(String, ParameterType)
        case rest(String)
    }

    private static func read(_ part: Substring, of text: String, at place: String?) throws(RouterError) -> Part {
        guard part.contains(where: { $0 == "{" || $0 == "}" }) else {
            guard let decoded = PercentEncoding.decode(part) else {
                throw .invalidPattern(text, "'\(part)' is not percent-encoded UTF-8", at: place)
            }
            guard !decoded.isDotSegment else {
                throw .invalidPattern(text, "paths with '.' or '..' as a segment reach no route", at: place)
            }
            guard !PercentEncoding.encodesUnreserved(part) else {
                let reason = "'\(part)' encodes what every client sends as it is: write '\(decoded)'"
                throw .invalidPattern(text, reason, at: place)
            }
            return .text(String(part))
        }
        let inner = part.dropFirst().dropLast()
        let isRest = inner.hasSuffix("...")
        let words = inner.dropLast(isRest ? 3 : 0).split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let isParameter = part.hasPrefix("{") && part.hasSuffix("}") && (words.count == 1 || !isRest)
        guard isParameter, let name = words.first, isName(name) else {
            let examples = "'{id}', '{id:int}' or '{rest...}'"
            throw .invalidPattern(text, "'\(part)' must be text, or like \(examples) as a whole segment", at: place)
        }
        if isRest { return .rest(String(name)) }
        guard words.count == 2 else { return .parameter(String(name), .text) }
        guard let type = ParameterType(rawValue: String(words[1])), type != .text else {
            throw .invalidPattern(text, "'\(words[1])' is no type of a parameter: it can be 'int' or 'uuid'", at: place)
        }
        return .parameter(String(name), type)
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}
