/// The name of one version of a content, for the `ETag` field (RFC 9110, section 8.8.3).
///
/// A *strong* tag says that the content is the same byte for byte wherever the tag is the same: only such a tag lets a client
/// join a part it has with a part it asks for. A *weak* one says that the content is as good as the same.
public struct EntityTag: Sendable, Hashable, CustomStringConvertible {
    /// The tag without its quotes.
    public let opaque: String

    /// Whether the tag is a weak one.
    public let isWeak: Bool

    /// Creates a tag; `nil` where a character cannot stand in one.
    ///
    /// - Parameters:
    ///   - opaque: The tag without quotes: visible characters of ASCII other than `"`.
    ///   - isWeak: Whether equal tags mean contents that are as good as the same, rather than the same byte for byte.
    public init?(_ opaque: String, isWeak: Bool = false) {
        guard opaque.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 }) else { return nil }
        self.init(unchecked: opaque, isWeak: isWeak)
    }

    init(unchecked opaque: String, isWeak: Bool) {
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// The tag as it stands in a field: `"a"`, or `W/"a"`.
    public var description: String { isWeak ? "W/\"\(opaque)\"" : "\"\(opaque)\"" }

    /// Whether both tags are strong and the same (RFC 9110, section 8.8.3.2).
    ///
    /// - Parameter other: Another tag.
    /// - Returns: Whether the contents are the same byte for byte.
    public func stronglyMatches(_ other: EntityTag) -> Bool { !isWeak && !other.isWeak && opaque == other.opaque }

    /// Whether both tags are the same but for their strength (RFC 9110, section 8.8.3.2).
    ///
    /// - Parameter other: Another tag.
    /// - Returns: Whether the contents are as good as the same.
    public func weaklyMatches(_ other: EntityTag) -> Bool { opaque == other.opaque }
}
