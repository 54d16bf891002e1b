import EventServer

/// What may stand at the places of parameters.
///
/// A route must not be reached by a path that another reader, which decodes and resolves it, would take for another one: a
/// handler of files, or a proxy in front. RFC 3986, section 5.2.4: clients remove dot segments, so only attackers send them.
extension StringProtocol {
    var isDotSegment: Bool { self == "." || self == ".." }

    fileprivate var isPlain: Bool { !utf8.contains(UInt8(ascii: "%")) }
}

extension Substring {
    /// The value that a parameter has of this segment, decoded once; `nil` where no parameter can have it.
    var parameterValue: String? {
        guard !isEmpty, let value = PercentEncoding.decode(self), !value.isDotSegment, !value.utf8.contains(0) else {
            return nil
        }
        return value
    }

    var isParameterValue: Bool { isPlain ? !isEmpty && !isDotSegment : parameterValue != nil }

    /// The value that a wildcard has of these segments, decoded once; `nil` where no wildcard can have it.
    ///
    /// Of the segments only the last may be empty, so that `/files/` and `/files/a/` have values, and none may have a slash
    /// in it that was hidden from routes which stand for part of the same paths.
    var wildcardValue: String? {
        guard isWildcardValue else { return nil }
        return PercentEncoding.decode(self)
    }

    var isWildcardValue: Bool {
        var rest = self[...]
        while !rest.isEmpty {
            let end = rest.utf8.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            guard let value = rest[..<end].parameterValue, !value.utf8.contains(where: Self.separates) else {
                return false
            }
            rest = end < rest.endIndex ? rest[rest.utf8.index(after: end)...] : ""
        }
        return true
    }

    private static func separates(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }

    /// The text behind the encoding, where there is any; `nil` where it is what it says, or broken.
    var decodedIfEncoded: String? { isPlain ? nil : PercentEncoding.decode(self) }
}

/// The segments of a path, from one slash to the next.
struct PathSegments: Sequence, IteratorProtocol {
    private let path: Substring
    private var start: String.Index?

    /// - Parameter path: A path that begins with a slash.
    init(_ path: Substring) {
        self.path = path
        start = path.isEmpty ? nil : path.utf8.index(after: path.startIndex)
    }

    /// What has not been read yet; `nil` behind the last segment, and empty behind a slash at the end.
    var rest: Substring? { start.map { path[$0...] } }

    mutating func next() -> Substring? {
        guard let begin = start else { return nil }
        let end = path.utf8[begin...].firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
        start = end < path.endIndex ? path.utf8.index(after: end) : nil
        return path[begin..<end]
    }
}
