extension RoutePattern {
    /// How the paths of a pattern lie to those below a prefix.
    enum Relation {
        /// All of them are below it.
        case inside
        /// Some are, as are those of `/{name}/orders` below `/users`.
        case partly
        case outside
    }

    /// The segments of a prefix; none for `/`, below which everything is.
    var prefix: [Segment] { description == "/" ? [] : segments }

    func relation(toPrefix prefix: RoutePattern) -> Relation {
        var isPartly = false
        for (index, wanted) in prefix.prefix.enumerated() {
            guard index < segments.count else { return rest == nil ? .outside : .partly }
            switch (wanted, segments[index]) {
            case (.text(let wanted), .text(let text)):
                guard Self.isSame(text[...], wanted) else { return .outside }
            case (.text(let wanted), .parameter(_, let type)):
                guard type.accepts(Self.decoded(wanted)) else { return .outside }
                isPartly = true
            case (.parameter(_, let wanted), .text(let text)):
                guard wanted.accepts(Self.decoded(text)) else { return .outside }
            case (.parameter(_, let wanted), .parameter(_, let type)):
                if wanted == type || wanted == .text { continue }
                guard type == .text else { return .outside }
                isPartly = true
            }
        }
        return isPartly ? .partly : .inside
    }

    /// Whether a path lies below this prefix, in whichever spelling.
    ///
    /// What it decides is whether a request must pass a chain, so all doubt is for passing.
    func isPrefix(ofPath path: String) -> Bool {
        var segments = PathSegments(path[...])
        for wanted in prefix {
            guard let segment = segments.next() else { return false }
            switch wanted {
            case .text(let text): guard Self.isSame(segment, text) else { return false }
            case .parameter(_, let type):
                guard type.accepts(segment) || type.accepts(Self.decoded(segment)) else { return false }
            }
        }
        return true
    }

    private static func isSame(_ text: Substring, _ other: String) -> Bool {
        text == other || decoded(text) == decoded(other)
    }

    private static func decoded(_ text: some StringProtocol) -> String {
        PercentEncoding.decode(Substring(text)) ?? String(text)
    }
}
