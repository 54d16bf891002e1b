import EventServer

/// Which requests a chain is for, said in words: `below /api`, `exactly /login` or `route /users/{id}`.
///
/// By path it is decided before a route is looked for, so that it holds for what no route answers, too. All spellings of a
/// path count, and where one is in doubt the chain is passed: `/%61pi` is below `/api`, as is `/x/../api`.
package struct ChainScope: Sendable, Equatable, CustomStringConvertible {
    /// Why words are no scope.
    package struct Mistake: Error {
        package let message: String
    }

    /// How the requests are told.
    package enum Kind: String, Sendable, CaseIterable {
        /// The path and all paths below it.
        case below
        /// The path alone.
        case exactly
        /// The routes with this pattern.
        case route
    }

    package let kind: Kind
    /// The path or the pattern.
    package let path: String
    /// The parts of the path, decoded.
    private let segments: [String]
    /// The same with slashes before them.
    private let stem: String

    /// The words.
    package var description: String { "\(kind.rawValue) \(path)" }

    /// Reads a scope.
    ///
    /// - Parameter words: The words.
    /// - Throws: Why they are none, in a sentence.
    package init(_ words: String) throws(Mistake) {
        let parts = words.split(separator: " ")
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])) else {
            throw Mistake(
                message: "expected 'below PATH', 'exactly PATH' or 'route PATTERN', found \"\(words)\""
            )
        }
        guard parts[1].isRequestPath || kind == .route && parts[1].hasPrefix("/") else {
            throw Mistake(message: "\"\(parts[1])\" is not a path: it must begin with '/' and be encoded")
        }
        guard kind == .route || !parts[1].contains("*") else {
            throw Mistake(message: "a scope has no '*': 'below /api' is for /api and all that is below it")
        }
        self.kind = kind
        path = String(parts[1])
        segments = Self.segments(of: path) ?? []
        stem = segments.map { "/\($0)" }.joined()
    }

    /// Whether it is for the requests of a path; of a route, never.
    ///
    /// - Parameter path: The path, as it was sent.
    /// - Returns: Whether the path is in the scope in any of its spellings.
    package func contains(_ path: String) -> Bool {
        guard kind != .route else { return false }
        if path == self.path || kind == .below && self.path == "/" { return true }
        if Self.isPlain(path) { return holds(plain: path.utf8) }
        guard let plain = Self.segments(of: path, resolving: false), let resolved = Self.segments(of: path) else {
            return true
        }
        return holds(plain) || holds(resolved)
    }

    /// Most paths mean what they say, and are compared as they are: each request comes by here.
    private func holds(plain path: String.UTF8View) -> Bool {
        guard path.starts(with: stem.utf8) else { return false }
        let rest = path.dropFirst(stem.utf8.count)
        guard let next = rest.first else { return true }
        return next == UInt8(ascii: "/") && (kind == .below || rest.count == 1)
    }

    /// Whether a path has only one spelling: nothing encoded, nothing to resolve, no empty segment.
    private static func isPlain(_ path: String) -> Bool {
        var last = UInt8(0)
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: "\\"): return false
            case UInt8(ascii: "/"), UInt8(ascii: "."): if last == UInt8(ascii: "/") { return false }
            default: break
            }
            last = byte
        }
        return true
    }

    private func holds(_ segments: [String]) -> Bool {
        kind == .below ? segments.starts(with: self.segments) : segments == self.segments
    }

    /// The parts between slashes, decoded, without empty ones; `nil` where they cannot be decoded.
    private static func segments(of path: String, resolving: Bool = true) -> [String]? {
        guard let decoded = PercentEncoding.decode(path[...]) else { return nil }
        var segments: [String] = []
        // By bytes: by characters, a slash before a combining accent would be none.
        for part in decoded.utf8.split(whereSeparator: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }) {
            let segment = String(Substring(part))
            switch segment {
            case "." where resolving: continue
            case ".." where resolving: _ = segments.popLast()
            default: segments.append(segment)
            }
        }
        return segments
    }
}
