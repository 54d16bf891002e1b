/// A path with places for parameters: `/users/{id}/orders`.
///
/// A segment is either text or `{name}`, which stands for any one segment that is not empty. A slash at the end counts:
/// `/users` and `/users/` are two paths.
public struct RoutePattern: Sendable, Hashable, CustomStringConvertible {
    enum Segment: Sendable, Hashable {
        case text(String)
        case parameter(String)
    }

    /// The pattern as it was written.
    public let description: String

    let segments: [Segment]

    /// Reads a pattern.
    ///
    /// - Parameter text: The pattern.
    /// - Throws: ``RouterError`` with the code `invalidPattern`, which says what is wrong.
    public init(_ text: String) throws(RouterError) {
        guard text.hasPrefix("/") else { throw .invalidPattern(text, "it must begin with '/'") }
        guard text.isRequestPath else {
            throw .invalidPattern(
                text,
                "no path of a request has blanks, '?', '#' or letters beyond ASCII: percent-encode them"
            )
        }
        var segments: [Segment] = []
        var names: Set<String> = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard part.contains(where: { $0 == "{" || $0 == "}" }) else {
                segments.append(.text(String(part)))
                continue
            }
            let name = String(part.dropFirst().dropLast())
            guard part.hasPrefix("{"), part.hasSuffix("}"), Self.isName(name) else {
                throw .invalidPattern(text, "'\(part)' must be text, or a parameter like '{id}' as a whole segment")
            }
            guard names.insert(name).inserted else {
                throw .invalidPattern(text, "it has two parameters called '\(name)'")
            }
            segments.append(.parameter(name))
        }
        self.segments = segments
        description = text
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}
